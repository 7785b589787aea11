# A libvirt network assigns VFs to guests: pcipass does not change its members or the guest that has
# one, and names them.
# limit: 600
port=0000:03:00.0
name=$(interface $port)
libvirt-up
ip link set "$name" up
echo 3 >/sys/bus/pci/devices/$port/sriov_numvfs
echo "<network><name>sriov</name><forward mode='hostdev' managed='yes'><pf dev='$name'/></forward></network>" >network.xml
virsh net-define network.xml
domain netpool answers 3 \
  "<interface type='network'><mac address='52:54:00:6d:90:02'/><source network='sriov'/></interface>" >netpool.xml
virsh define netpool.xml
domain other answers 3 >other.xml
virsh define other.xml
pool='pool 0000:03:00.0, virtualFunctions: {count: 3}'
allowed="$pool, allow: [ownership], because: \"the network goes\""
{ host "$pool"; guest netpool; } >pool.yaml
{ host "$pool"; guest other 'net0 pool/1'; } >free.yaml
{ host "$allowed"; guest other 'net0 pool/1'; } >allowed.yaml
{ host "$allowed"; guest netpool 'net0 pool/0'; } >second.yaml
{ host "$allowed"; guest other 'net0 pool/0'; } >taken.yaml
host 'pool 0000:03:00.0, virtualFunctions: {count: 4}' >four.yaml

# A network that is not active does not assign VFs yet.
expect_output '[libvirt-network]' pcipass plan free.yaml
virsh net-start sriov
expect_refused '[ownership]' pcipass plan free.yaml
virsh start netpool
virsh dumpxml netpool | grep -A 5 "<interface type='hostdev'"
virsh dumpxml --inactive netpool | grep -A 2 "<interface type='network'"
expect_driver 0000:03:10.0 vfio-pci
standing >before

# A VF without a claim is left as libvirt has it.
expect_output 'No changes.' pcipass plan pool.yaml --detailed-exitcode
expect_exit 0 pcipass status pool.yaml
# No VF of the network is assigned to another guest, and the guest that has one gets no second
# device.
expect_refused '[in-use]' pcipass apply second.yaml --yes
expect_refused '[in-use]' pcipass apply taken.yaml --yes
expect_refused '[ownership]' pcipass apply free.yaml --yes
expect_refused '[in-use]' pcipass apply four.yaml --yes
expect_standing before

# The reading commands name the network.
expect_output 'netpool (libvirt network sriov)' pcipass devices
expect_output 'reserved: libvirt network sriov' pcipass devices
expect_output 'assigned by the libvirt network sriov' pcipass devices 0000:03:10.0
expect_output 'the libvirt network sriov assigns are left out: netpool has 0000:03:10.0' pcipass import
expect_output 'libvirt network sriov' pcipass graph
examine
said "the libvirt network sriov assigns VFs of $port"
said '0000:03:10.0 in netpool, 0000:03:10.2, 0000:03:10.4'
expect_same note severity libvirt-network

# A free member can be assigned where the manifest allows that, and rolled back.
expect_exit 0 pcipass apply allowed.yaml --yes
expect_same '0000:03:10.2 ua-pcipass-net0 yes' defined other
expect_exit 0 pcipass rollback --yes
expect_standing before

# libvirt's own error: the network does not try another member.
virsh destroy netpool
cat >device.xml <<'END'
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source><address domain='0x0000' bus='0x03' slot='0x10' function='0x0'/></source>
</hostdev>
END
virsh attach-device other device.xml --config
virsh start other
expect_text 1 'PCI device 0000:03:10.0 is in use by driver QEMU, domain other' virsh start netpool
virsh destroy other
virsh attach-device netpool device.xml --config
expect_text 1 'allocated from network sriov is already in use by domain netpool' virsh start netpool

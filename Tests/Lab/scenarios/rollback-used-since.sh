# A rollback does not assign a NIC that the host or another guest has started to use, and finds its
# domain by the UUID.
# limit: 300
lan=0000:03:00.0 wan=0000:02:00.0
libvirt-up
for name in vm other; do
  domain $name answers 2 >$name.xml
  virsh define $name.xml
done
nics=("lan $lan" "wan $wan")
{ host "${nics[@]}"; guest vm 'net0 lan, bind: on-start' 'net1 wan'; guest other; } >host.yaml
{ host "${nics[@]}"; guest vm; guest other; } >none.yaml
uuid() { virsh domuuid "$1" | grep .; }
# The flags are left out: they have the link state, which changes with a delay.
network() { ip -4 -oneline address show; ip -json route show | jq -c 'del(.[].flags)[]'; }
expect_exit 0 pcipass apply host.yaml --yes
expect_same "$wan ua-pcipass-net1 yes
$lan ua-pcipass-net0 yes" defined vm
expect_driver $lan igb
expect_driver $wan vfio-pci
expect_exit 0 pcipass apply none.yaml --yes
removed=$(last_journal)

# The host uses both NICs: the plan is refused, and so is the rollback, for the NIC that pcipass
# binds and for the one that libvirt would bind.
first=$(interface $lan) second=$(interface $wan)
ip address add 192.0.2.11/24 dev "$first"
ip address add 192.0.2.12/24 dev "$second"
ip link set "$first" up
ip link set "$second" up
ip route add default via 192.0.2.1 dev "$first"
standing >before
network >network.before
for target in '' '--target nic/lan' '--target nic/wan'; do
  # shellcheck disable=SC2086 # two words
  expect_refused '[host-network]' pcipass rollback "$removed" $target --yes
done
expect_refused '[host-network]' pcipass plan host.yaml
expect_standing before
expect_driver $lan igb
expect_driver $wan igb
expect_same '' defined vm
network | diff network.before -
expect_same "$removed" last_journal
for name in "$first" "$second"; do
  ip address flush dev "$name"
  ip link set "$name" down
done

# Another guest has one of the NICs.
cat >lan.xml <<'XML'
<hostdev mode='subsystem' type='pci' managed='yes'>
<source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source></hostdev>
XML
virsh attach-device other lan.xml --config
virsh dumpxml --inactive vm >vm.before
virsh dumpxml --inactive other >other.before
expect_refused '[ownership]' pcipass rollback "$removed" --yes
expect_refused '[ownership]' pcipass rollback "$removed" --target nic/lan --yes
virsh dumpxml --inactive vm | diff vm.before -
virsh dumpxml --inactive other | diff other.before -
expect_driver $lan igb
expect_driver $wan igb
virsh detach-device other lan.xml --config

# The domain has been renamed.
expect_exit 0 pcipass rollback "$removed" --yes
expect_same "$wan ua-pcipass-net1 yes
$lan ua-pcipass-net0 yes" defined vm
virsh domrename vm renamed
expect_exit 0 pcipass rollback 1 --yes
expect_same '' defined renamed
expect_driver $wan igb
virsh domrename renamed vm

# Defined again, the domain has the marked NIC and another UUID: the NIC is removed from it.
expect_exit 0 pcipass apply host.yaml --yes
virsh dumpxml --inactive vm | sed '/<uuid>/d' >again.xml
virsh undefine vm
virsh define again.xml
expect_same '2' eval "defined vm | grep -c ."
expect_exit 0 pcipass rollback --yes
expect_same '' defined vm
expect_driver $wan igb

# Nothing is added to another domain of that name.
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 0 pcipass apply none.yaml --yes
before=$(uuid vm)
virsh undefine vm
virsh define vm.xml
after=$(uuid vm)
virsh dumpxml --inactive vm >vm.before
for text in '[changed]' "$before" "$after"; do
  expect_refused "$text" pcipass rollback --yes
done
virsh dumpxml --inactive vm | diff vm.before -
expect_driver $lan igb
expect_driver $wan igb

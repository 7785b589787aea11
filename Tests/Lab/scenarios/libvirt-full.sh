# A running guest without a free port is refused before anything is done, unless it can wait; an old machine has a bus.
# limit: 400
libvirt-up
domain vm answers 0 >vm.xml
domain old answers 0 | sed "s/q35/pc/; /pcie-root/d" >old.xml
virsh define vm.xml
virsh define old.xml
virsh start vm
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: vm}
spec:
  host: hv01
  nics: [{name: net0, from: lan}]
END
sed 's/from: lan/&, hotplug: false/' host.yaml >patient.yaml
sed 's/name: vm/name: old/' host.yaml >old.yaml
sed 's/nics: \[{.*/nics: []/' host.yaml >none.yaml
sed 's/nics: \[{.*/nics: []/' old.yaml >old-none.yaml

expect_refused '[no-port]' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
expect_same '' in_qemu vm

expect_output 'its next start' pcipass apply patient.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '' in_qemu vm
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined vm
virsh destroy vm

virsh start old
expect_exit 0 pcipass apply old.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined old
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu old
expect_exit 0 pcipass apply old-none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' defined old
expect_same '' in_qemu old

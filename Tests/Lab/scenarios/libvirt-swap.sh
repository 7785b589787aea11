# Two running guests swap their NICs in one apply, and back; a NIC can leave a running guest for one that is off.
# limit: 400
libvirt-up
# One port each: what leaves must make room for what comes.
for name in a b c; do
  domain $name answers 1 >$name.xml
  virsh define $name.xml
done
manifest <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:02:00.0"}
    - name: wan
      select: {address: "0000:03:00.0"}
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: a}
spec:
  host: hv01
  nics: [{name: net0, from: lan}]
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: b}
spec:
  host: hv01
  nics: [{name: net0, from: wan}]
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: c}
spec:
  host: hv01
  nics: []
END
sed 's/from: lan/from: X/; s/from: wan/from: lan/; s/from: X/from: wan/' host.yaml >swapped.yaml
sed 's/nics: \[{.*from: lan.*/nics: []/; $s/nics: .*/nics: [{name: net0, from: lan}]/' host.yaml >moved.yaml
expect_exit 0 pcipass apply host.yaml --yes
virsh start a
virsh start b

expect_exit 0 pcipass apply swapped.yaml --yes --out swap.plan
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu a
expect_same '0000:02:00.0 ua-pcipass-net0' in_qemu b
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined a
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined b

expect_exit 0 pcipass rollback swap.plan --yes
expect_same '0000:02:00.0 ua-pcipass-net0' in_qemu a
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu b
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined a
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined b

expect_exit 0 pcipass apply moved.yaml --yes
expect_same '' in_qemu a
expect_same '' defined a
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined c
expect_driver 0000:02:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu b

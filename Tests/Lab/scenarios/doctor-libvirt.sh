# `doctor` agrees with virsh on libvirt, QEMU and running guests.
# limit: 300
examine
expect_same warning severity libvirt-unreachable
libvirt-up
domain full answers 0 >full.xml
domain roomy answers 3 >roomy.xml
for name in full roomy; do
  virsh define $name.xml
  virsh start $name
done
examine
virsh version --daemon >versions
said "libvirt $(sed -n 's/^Running against daemon: //p' versions) answers at $(virsh uri | head -n 1)"
said "QEMU $(sed -n 's/^Running hypervisor: QEMU //p' versions)"
expect_same 'ok' severity libvirt-unreachable
expect_same 'ok warning' severity no-free-port
said 'full has no free port'
said "<controller type='pci' model='pcie-root-port'/>"
said "roomy has $(virsh dumpxml roomy | grep -c "model='pcie-root-port'") free ports"
pcipass snapshot >snapshot.json
examine --state snapshot.json
expect_same unknown severity kvm-missing
said 'full has no free port'

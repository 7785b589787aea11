# On a host without libvirt, pcipass refuses the NICs that need libvirt with that reason, and
# applies the others.
for library in /usr/lib/x86_64-linux-gnu/libvirt.so.0*; do mount --bind /dev/null "$library"; done
export LIBVIRT_DEFAULT_URI=qemu:///system  # otherwise pcipass first looks for a daemon's socket
host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
guest winxp 'net0 lan' >>host.yaml
expect_refused '[unavailable]' pcipass plan host.yaml
expect_refused 'libvirt.so.0 is not installed' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci

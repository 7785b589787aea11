# `doctor` agrees with sysfs, /proc, the kernel log, lspci and driverctl.
# limit: 400
has_reset() { sed 's/ /, /g' "/sys/bus/pci/devices/$1/reset_method"; }

examine
said "the IOMMU is on: $(find /sys/kernel/iommu_groups -mindepth 1 -maxdepth 1 | wc -l) groups"
expect_same ok severity iommu-off
dmesg | grep -q 'DMAR-IR: Enabled IRQ remapping'
expect_same ok severity interrupts-not-remapped
if grep -qwE 'vmx|svm' /proc/cpuinfo; then cpu=ok; else cpu=warning; fi
expect_same $cpu severity virtualization-off
[ ! -e /dev/kvm ]
expect_same warning severity kvm-missing
said "$(uname -r)"
expect_exit 1 test -e /sys/module/vfio_pci
said "$(grep -o '^[^:]*/vfio-pci\.ko[^:]*' "/lib/modules/$(uname -r)/modules.dep")"
for address in 0000:01:00.0 0000:01:00.1 0000:02:00.0 0000:03:00.0; do said "$address: $(has_reset $address)"; done
expect_same ok severity no-reset
expect_same ok severity not-root
expect_same ok severity ownership
# 0000:01:00.0 and .1 are one group, which is fine as long as the host uses neither.
expect_same ok severity group-shared
said "assign these to one guest together: 0000:01:00.0, 0000:01:00.1"

# If the host uses one, the other cannot be assigned. lspci names the same ports without ACS.
ip address add 192.0.2.1/24 dev "$(interface 0000:01:00.0)"
examine
said '0000:01:00.1 cannot be assigned'
for address in $(basename "$(readlink -f /sys/bus/pci/devices/0000:01:00.0/..)") 0000:01:00.0 0000:01:00.1; do
  lspci -D -s "$address" -vv | grep -q 'Access Control Services' || said "$address has no ACS"
done
ip address flush dev "$(interface 0000:01:00.0)"

# vfio-pci is loaded, and allowed to work without interrupt remapping.
modprobe -a vfio-pci vfio_iommu_type1
examine
said 'vfio-pci is loaded'
echo Y >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
examine
expect_same warning severity unsafe-interrupts
echo N >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
examine
expect_same '' severity unsafe-interrupts

# Other tools.
mount -t tmpfs scenario /etc/driverctl.d
driverctl set-override 0000:02:00.0 vfio-pci
driverctl list-persisted | grep -q 0000:02:00.0
examine
expect_same warning severity driverctl
said 'driverctl binds 0000:02:00.0 to vfio-pci'
driverctl unset-override 0000:02:00.0
echo uio_pci_generic >/sys/bus/pci/devices/0000:02:00.0/driver_override
examine
expect_same '' severity driverctl
expect_same warning severity ownership
echo >/sys/bus/pci/devices/0000:02:00.0/driver_override
mount -t tmpfs scenario /etc/modprobe.d
printf '# cards\noptions vfio-pci ids=8086:10c9\n' >/etc/modprobe.d/cards.conf
examine
said '/etc/modprobe.d/cards.conf:2 sets ids=8086:10c9'
said "$(lspci -D -n -d 8086:10c9 | head -n 1 | cut -d ' ' -f 1)"
umount /etc/modprobe.d

# A QEMU without a manifest has a NIC; with its manifest it is a guest with free ports.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up probe answers -device vfio-pci,host=0000:03:00.0,bus=port1
{ host; guest probe 'qemu: {qmp: /tmp/probe.qmp}'; } >host.yaml
examine
expect_same warning severity held-by-process
said "process $(cat /tmp/probe.pid)"
examine host.yaml
expect_same ok severity ownership
said '/tmp/probe.qmp has 2 free ports'
for port in 2 3; do qmp probe device_add "{\"driver\": \"e1000e\", \"id\": \"nic$port\", \"bus\": \"port$port\"}"; done
examine host.yaml
expect_same warning severity no-free-port
said '-device pcie-root-port'
end_guest probe

# A process may lock less memory than it has; doctor reports the kernel's limit.
cp /bin/sleep qemu-system-lab
setpriv --reuid 65534 --clear-groups --inh-caps=-all prlimit --memlock=65536 ./qemu-system-lab 300 &
locker=$!
wait_for 10 grep -q '^qemu-system-lab' /proc/$locker/comm
grep -q '^Max locked memory  *65536 ' /proc/$locker/limits
examine
expect_same warning severity locked-memory
said "qemu-system-lab (process $locker) may lock 64 KiB"
kill $locker
wait $locker || true
examine
expect_same ok severity locked-memory

# A state folder that other users can write to is a finding, and doctor continues.
mkdir -p /var/lib/pcipass
chmod 777 /var/lib/pcipass
examine
expect_same error severity state-folder
expect_exit 1 pcipass snapshot >output
chmod 700 /var/lib/pcipass
examine
expect_same ok severity state-folder
# Without root, doctor reports that and what it could not read.
setpriv --reuid 65534 --clear-groups "$(type -P pcipass)" doctor --state-dir /tmp/none --format json >report.json || [ $? = 2 ]
expect_same warning severity not-root
expect_exit 1 pcipass doctor --sysfs-root /nowhere

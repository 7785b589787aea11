# boot: no-iommu
# A kernel parameter disables the IOMMU: doctor names the parameter, its file and its line.
mount -t tmpfs scenario /etc/default
cat >/etc/default/grub <<'XXX'
# Read by update-grub.
GRUB_TIMEOUT=5
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
# The lab is started with this.
GRUB_CMDLINE_LINUX="console=ttyS0 intel_iommu=off"
XXX
[ -z "$(ls /sys/kernel/iommu_groups)" ]
grep -qw intel_iommu=off /proc/cmdline
[ -e /sys/firmware/acpi/tables/DMAR ]
examine
expect_same error severity iommu-switched-off
line=$(grep -n intel_iommu=off /etc/default/grub | cut -d : -f 1)
said 'the kernel was started with intel_iommu=off'
said "intel_iommu=off is set in /etc/default/grub:$line"
said 'remove intel_iommu=off and add the kernel parameter intel_iommu=on'
said "to GRUB_CMDLINE_LINUX in /etc/default/grub, line $line (then update-grub), and reboot"
expect_text 2 '[iommu-switched-off]' pcipass doctor
# A snapshot has the files, not the lines.
pcipass snapshot >snapshot.json
expect_text 2 'GRUB_CMDLINE_LINUX in /etc/default/grub (then update-grub)' pcipass doctor --state snapshot.json

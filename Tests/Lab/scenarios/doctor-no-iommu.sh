# boot: no-iommu
# An IOMMU that a kernel parameter switches off: doctor says which, and the line of the file where it stands.
mount -t tmpfs scenario /etc/default
cat >/etc/default/grub <<'XXX'
# Read by update-grub.
GRUB_TIMEOUT=5
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
# The lab is started with this.
GRUB_CMDLINE_LINUX="console=ttyS0 intel_iommu=off"
XXX
check() { jq -r --arg code "$1" '.checks[] | select(.code == $code and .severity == "error")' report.json; }
says() { check "$1" | jq -e --arg words "$2" 'any(.message, .details[], .help; contains($words))' >said; }

[ -z "$(ls /sys/kernel/iommu_groups)" ]
grep -qw intel_iommu=off /proc/cmdline
[ -e /sys/firmware/acpi/tables/DMAR ]
expect_exit 2 pcipass doctor --format json >report.json
line=$(grep -n intel_iommu=off /etc/default/grub | cut -d : -f 1)
says iommu-switched-off 'the kernel was started with intel_iommu=off'
says iommu-switched-off "intel_iommu=off stands in /etc/default/grub:$line"
says iommu-switched-off 'remove intel_iommu=off and add the kernel parameter intel_iommu=on'
says iommu-switched-off "to GRUB_CMDLINE_LINUX in /etc/default/grub, line $line (then update-grub), and reboot"
expect_text 2 '[iommu-switched-off]' pcipass doctor
# A snapshot has the files, not the lines.
pcipass snapshot >snapshot.json
expect_text 2 'GRUB_CMDLINE_LINUX in /etc/default/grub (then update-grub)' pcipass doctor --state snapshot.json

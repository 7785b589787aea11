# 14 VFs are configured and read without another program: ip(8) is missing. Afterwards ip(8) shows
# the settings in the kernel.
# limit: 300
modprobe vfio-pci
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
{
  host 'left 0000:02:00.0, virtualFunctions: {count: 7}' 'right 0000:03:00.0, virtualFunctions: {count: 7}'
  lines=()
  for number in {0..6}; do
    lines+=("left$number left/$number, mac: '52:54:00:00:01:0$number', vlan: 10$number, trust: true")
    lines+=("right$number right/$number, mac: '52:54:00:00:02:0$number', spoofCheck: false")
  done
  guest vm "${lines[@]}"
} >host.yaml
for port in 0000:02:00.0 0000:03:00.0; do ip link set "$(interface $port)" up; done
program=$(readlink -f "$(command -v ip)")
mount --bind /bin/false "$program"
expect_exit 1 ip link show
expect_exit 0 strace -f -qq -o trace -e trace=execve,fork,vfork,clone,clone3 /lab/bin/pcipass apply host.yaml --yes --jobs 1
expect_output 'No changes.' command pcipass plan host.yaml
umount "$program"
# Only pcipass itself is executed. It forks two helpers, one that reads and one that writes.
grep execve trace
expect_same 1 grep -c 'execve(' trace
forks=$(grep -v CLONE_THREAD trace | grep -cE '(clone|clone3|fork|vfork)\(.* = [0-9]+$')
[ "$forks" -le 2 ] || fail "$forks processes were started"
of() { ip -json link show dev "$(interface "$1")" | jq -r ".[].vfinfo_list[] | $2"; }
for number in {0..6}; do echo "52:54:00:00:01:0$number 10$number true"; done >left
of 0000:02:00.0 '"\(.address) \(.vlan_list[0].vlan) \(.trust)"' | diff left -
for number in {0..6}; do echo "52:54:00:00:02:0$number false"; done >right
of 0000:03:00.0 '"\(.address) \(.spoofchk)"' | diff right -
# A value that the driver refuses is reported with the kernel's error, and the other settings are
# undone.
sed -i "s/spoofCheck: false/rate: {min: 5, max: 100}/; s/^  *rate/&/" host.yaml
expect_exit 3 command pcipass apply host.yaml --yes
of 0000:03:00.0 '"\(.address) \(.spoofchk)"' | diff right -

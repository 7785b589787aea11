# pcipass is killed (SIGKILL) while it replaces the VFs of a port and applies their settings.
# Recovery restores the old VFs with their old settings.
# limit: 700
port=0000:03:00.0
{
  host "pool $port, virtualFunctions: {count: 3}"
  guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'dmz pool/0, mac: "52:54:00:6b:3c:58", vlan: 120'
} >host.yaml
echo 2 >"/sys/bus/pci/devices/$port/sriov_numvfs"
name=$(interface $port)
ip link set "$name" vf 0 mac 52:54:00:00:00:01 vlan 7 qos 3 spoofchk off
ip link set "$name" vf 1 mac 52:54:00:00:00:02 trust on
modprobe vfio-pci
standing >before
expect_exit 0 command pcipass apply host.yaml --yes
expect_exit 0 command pcipass rollback --yes
expect_standing before
traced calls apply host.yaml --yes
standing >after
expect_exit 0 command pcipass rollback --yes
expect_standing before
# The polls are left out, because their number varies. Every other point is tested, because the
# kernel needs seconds for each.
points calls | grep -v poll | sed -n '2~2p' | tee points | sed 's/^/    /'
way=back
while read -r call number <&3; do
  recovered $way "$call" "$number"
  [ $way = back ] && way=forward || way=back
done 3<points
echo "${kills:-0} kills"

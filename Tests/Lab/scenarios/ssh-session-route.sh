# An SSH session to an address on `lo` is carried by the NIC that leads to its peer. This NIC has no
# address itself. The peer is a network namespace: packets pass between the NIC and the namespace as
# over a cable.
nic=0000:03:00.0 other=0000:02:00.0
name=$(interface $nic) spare=$(interface $other)
local=198.51.100.1 peer=192.0.2.9 local6=2001:db8:1::1 peer6=2001:db8:2::9
ip netns add far
ip link add cable type veth peer name eth0 netns far
modprobe -a sch_ingress cls_matchall act_mirred
# out_to_cable INTERFACE
out_to_cable() {
  ip link set "$1" up
  tc qdisc add dev "$1" clsact
  tc filter add dev "$1" egress matchall action mirred egress redirect dev cable
}
out_to_cable "$name"
# The kernel drops packets for another MAC address, so the cable has that of the NIC.
mac=$(cat "/sys/class/net/$name/address")
ip link set cable address "$mac" up
tc qdisc add dev cable clsact
tc filter add dev cable ingress matchall action mirred ingress redirect dev "$name"
ip -netns far link set lo up
ip -netns far link set eth0 up
ip -netns far address add $peer/24 dev eth0
ip -netns far address add $peer6/64 dev eth0 nodad
ip -netns far route add $local dev eth0
ip -netns far -6 route add $local6 dev eth0
ip -netns far neighbour add $local lladdr "$mac" dev eth0
ip -netns far -6 neighbour add $local6 lladdr "$mac" dev eth0
far=$(ip netns exec far cat /sys/class/net/eth0/address)

mkdir -p /run/sshd /root/.ssh
mount -t tmpfs -o mode=700 keys /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /tmp/daemon
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
printf 'StrictHostKeyChecking no\nLogLevel QUIET\nConnectTimeout 5\n' >/root/.ssh/config
ip address add $local/32 dev lo
ip address add $local6/128 dev lo nodad
# The routes to the peer lead over the NIC, which has no address.
ip route add $peer dev "$name"
ip -6 route add $peer6 dev "$name"
ip neighbour replace $peer lladdr "$far" dev "$name"
ip -6 neighbour replace $peer6 lladdr "$far" dev "$name"
/usr/sbin/sshd -f /dev/null -o HostKey=/tmp/daemon -o PidFile=none
# in_session COMMAND…: runs it in a session from the peer; `to` is the destination address
to=$local
in_session() { ip netns exec far ssh "$to" "$*"; }
# by PEER LOCAL: prints the interfaces of the kernel's route to the peer, from ip(8)
by() { ip -json route get "$1" from "$2" | jq -r '.[].dev'; }
hops() { ip -json route get fibmatch $peer from $local | jq -r '[.[].nexthops[].dev] | join(" ")'; }
plan='/lab/bin/pcipass plan /tmp/work/host.yaml'

wait_for 10 in_session true
host "lan $nic, reserve: true" >host.yaml
expect_same "$name" by $peer $local
expect_same '' ip -oneline address show dev "$name" scope global
found="$name carries this SSH session ($peer port "
expect_refused "$found" in_session "$plan"
expect_refused " to $local port 22, by the route to its peer)" in_session "env -i $plan"
expect_refused '[host-network]' in_session "${plan/plan/apply} --yes"
expect_driver $nic igb
# The same over IPv6.
to=$local6
expect_same "$name" by $peer6 $local6
expect_refused "($peer6 port " in_session "env -i $plan"
to=$local
ip -6 route delete $peer6
# The other NIC is not in use, and without a session this one still has a route.
host "lan $other, reserve: true" >other.yaml
expect_exit 0 in_session "${plan/host/other}"
expect_refused "$name has the route to $peer/32 by $name" pcipass plan host.yaml
if command pcipass plan host.yaml 2>&1 | grep 'SSH session'; then fail 'a session is reported where there is none'; fi

# A rule that uses another table than the main one.
ip route replace unreachable $peer
ip route add $peer dev "$name" table 77
ip rule add from $local ipproto tcp sport 22 lookup 77
expect_refused "$found" in_session "$plan"
ip rule delete from $local ipproto tcp sport 22 lookup 77
ip route flush table 77

# A route with two next hops: the kernel uses one of them, and may use the other.
out_to_cable "$spare"
ip route replace $peer nexthop dev "$name" nexthop dev "$spare"
ip neighbour replace $peer lladdr "$far" dev "$spare"
expect_same "$name $spare" hops
expect_refused "$found" in_session "$plan"
expect_refused "($peer port " in_session "${plan/host/other}"
ip route replace $peer dev "$name"

# An existing session whose peer has no route: this NIC does not carry it. With an unreachable route
# that is unknown.
# shellcheck disable=SC2016 # it expands in the session
in_session 'echo $SSH_CONNECTION >/tmp/session; exec sleep 100' &
wait_for 10 test -s /tmp/session
read -r named </tmp/session
SSH_CONNECTION=$named expect_refused "$found" pcipass plan host.yaml
ip route delete $peer
expect_exit 2 ip route get $peer from $local
SSH_CONNECTION=$named expect_exit 0 pcipass plan host.yaml
ip route replace unreachable $peer
SSH_CONNECTION=$named expect_refused "may use it: cannot read the route from $local to $peer: No route to host" pcipass plan host.yaml
kill $!

# The NIC has the address, too: the session is reported once.
ip route replace $peer dev "$name"
ip address add $local/32 dev "$name"
in_session "$plan" >output 2>&1 || true
cat output
grep -F " to $local port 22)" output
expect_same 1 grep -c 'carries this SSH session' output

# Host uses of a NIC are found in each network namespace and each routing table, and named.
# Addresses and routes that exist only because the link is up do not count as a use.
# limit: 500
nic=0000:03:00.0 other=0000:02:00.0
name=$(interface $nic) spare=$(interface $other)
modprobe -a macvlan ipvlan 8021q ip_gre sit ipip vxlan pppoe
for link in "$name" "$spare"; do ip link set "$link" up; done
host "lan $nic, reserve: true" >host.yaml

# used WORDS…: the host-network guard refuses the plan with these words
used() {
  expect_refused "$name $*" pcipass plan host.yaml
  expect_refused '[host-network]' command pcipass plan host.yaml
}
unused() { expect_output "$nic  igb → " pcipass plan host.yaml; }

wait_for 10 grep -q " $name\$" /proc/net/if_inet6
unused

# In a namespace without a process, as containers have.
ip netns add pod1
for kind in 'macvlan mode bridge' 'ipvlan mode l2' 'vlan id 20'; do
  # shellcheck disable=SC2086 # words of ip(8)
  ip link add link "$name" name child type $kind
  ip link set child netns pod1
  used "has the ${kind%% *} child in the network namespace pod1"
  ip -netns pod1 address add 192.0.2.20/24 dev child
  ip -netns pod1 link set child up
  used 'has the address 192.0.2.20/24 on child in the network namespace pod1'
  # In a second namespace.
  [ "${kind%% *}" != vlan ] || {
    ip netns add pod2
    ip -netns pod1 link add link child name grandchild type macvlan mode bridge
    ip -netns pod1 link set grandchild netns pod2
    used 'has the macvlan grandchild in the network namespace pod2'
    ip netns delete pod2
  }
  ip -netns pod1 link delete child
  unused
done
# Tunnels over the NIC.
for kind in gre sit ipip; do
  ip link add tunnel0 type $kind local 192.0.2.1 remote 192.0.2.2 dev "$name"
  used 'has the tunnel tunnel0'
  ip link set tunnel0 netns pod1
  used 'has the tunnel tunnel0 in the network namespace pod1'
  ip -netns pod1 link delete tunnel0
done
ip link add tunnel0 type vxlan id 5 dev "$name" group 239.1.1.1 dstport 4789
ip link set tunnel0 netns pod1
used 'has the tunnel tunnel0 in the network namespace pod1'
ip -netns pod1 link delete tunnel0
# The NIC itself.
ip link set "$name" netns pod1
ip -netns pod1 link set "$name" up
used 'is in the network namespace pod1'
ip -netns pod1 link set "$name" netns 1
ip link set "$name" up
# Interfaces on the other NIC do not count; veth pairs are not on any NIC.
ip link add link "$spare" name child type macvlan mode bridge
ip link set child netns pod1
ip link add pair type veth peer name eth0 netns pod1
unused
ip link delete pair
ip netns delete pod1

# In a namespace that exists because of a process, then of an open file only.
unshare --net sleep 600 &
keeper=$!
wait_for 10 test "$(readlink /proc/self/ns/net)" != "$(readlink /proc/$keeper/ns/net)"
ip link add link "$name" name child type macvlan mode bridge
ip link set child netns $keeper
used "has the macvlan child in the network namespace of process $keeper (sleep)"
number=$(stat -Lc %i /proc/$keeper/ns/net)
exec 8</proc/$keeper/ns/net
kill $keeper
wait_for 10 test ! -e /proc/$keeper
used "has the macvlan child in the network namespace $number"
exec 8<&-
wait_for 10 sh -c "ip link show $name | grep -qv child"
wait_for 10 pcipass plan host.yaml

# Routes: each next hop and each table, also with nexthop objects, and where the kernel reports only
# these objects.
routed() { used "has $1"; ip "${@:2}"; unused; }
ip -4 route add default nexthop via inet6 fe80::1 dev "$spare" nexthop via inet6 fe80::2 dev "$name"
routed "the default route (IPv4 by $name)" -4 route delete default
ip -6 route add default nexthop via fe80::1 dev "$spare" nexthop via fe80::2 dev "$name"
routed "the default route (IPv6 by $name)" -6 route delete default
ip nexthop add id 1 via fe80::1 dev "$spare"
ip nexthop add id 2 via fe80::2 dev "$name"
ip nexthop add id 10 group 1/2
for compatible in 1 0; do
  sysctl -q net.ipv4.nexthop_compat_mode=$compatible
  ip -4 route add default nhid 10
  routed "the default route (IPv4 by $name)" -4 route delete default
  ip -6 route add default nhid 10
  routed "the default route (IPv6 by $name)" -6 route delete default
done
sysctl -q net.ipv4.nexthop_compat_mode=1
ip nexthop flush
ip -4 route add default dev "$name" table 100
routed "the default route (IPv4 by $name, table 100)" -4 route delete default table 100
ip -4 route add 198.51.100.0/24 via inet6 fe80::1 dev "$name" proto bgp
routed "the route to 198.51.100.0/24 by $name" -4 route delete 198.51.100.0/24
ip -6 route add 2001:db8:5::/48 via fe80::1 dev "$name"
routed "the route to 2001:db8:5::/48 by $name" -6 route delete 2001:db8:5::/48
ip address add 192.0.2.7/32 dev lo
ip route add 203.0.113.9/32 dev "$name" src 192.0.2.7
routed "the route to 203.0.113.9/32 by $name" route delete 203.0.113.9/32
ip address delete 192.0.2.7/32 dev lo

# A PPPoE session has no link, only a socket that is connected over the NIC.
perl -e 'socket(S, 24, 1, 0) or die "socket: $!";
  connect(S, pack("S L n C6 a16", 24, 0, 7, 2, 0, 0, 0, 0, 1, $ARGV[0])) or die "connect: $!"; $| = 1; print "there\n"; sleep 600' \
  "$name" >session &
session=$!
wait_for 10 grep -q there session
used "has the PPPoE session 7 over $name"
kill $session
wait_for 10 test ! -e /proc/$session
unused

# An XDP program: "r0 = XDP_PASS; exit", pinned by bpf(2).
mount -t bpf bpf /sys/fs/bpf
perl -e 'my $code = pack("C2 S l", 0xb7, 0, 0, 2) . pack("C2 S l", 0x95, 0, 0, 0); my $license = "GPL\0"; my $path = "/sys/fs/bpf/pass\0";
  my $load = pack("L2 P P L2 Q L2", 6, 2, $code, $license, 0, 0, 0, 0, 0) . "\0" x 72;
  my $fd = syscall(321, 5, $load, 48); die "load: $!" if $fd < 0;
  my $pin = pack("P L2", $path, $fd, 0); die "pin: $!" if syscall(321, 6, $pin, 16) < 0'
ip link set dev "$name" xdpgeneric pinned /sys/fs/bpf/pass
used "has XDP (a program on $name)"
ip link set dev "$name" xdpgeneric off
umount /sys/fs/bpf
unused
# An AF_XDP socket with its memory and rings, bound to a queue of the NIC.
perl -e 'socket(S, 44, 3, 0) or die "socket: $!"; my $memory = syscall(9, 0, 262144, 3, 0x22, -1, 0);
  setsockopt(S, 283, 4, pack("Q2 L4", $memory, 262144, 4096, 0, 0, 0)) or die "memory: $!";
  for my $ring (5, 6, 2) { setsockopt(S, 283, $ring, pack("i", 64)) or die "ring $ring: $!" }
  bind(S, pack("S2 L3", 44, 2, $ARGV[0], 0, 0)) or die "bind: $!"; $| = 1; print "there\n"; sleep 600' \
  "$(cat "/sys/class/net/$name/ifindex")" >xdp &
session=$!
wait_for 10 grep -q there xdp
used "has XDP (sockets on $name)"
kill $session
wait_for 10 test ! -e /proc/$session
unused

# A packet socket, as lldpd has on each NIC, is reported and does not refuse the plan.
perl -e 'socket(S, 17, 3, unpack("n", pack("v", 3))) or die; bind(S, pack("S n i a12", 17, 3, $ARGV[0], "")) or die; sleep 600' \
  "$(cat "/sys/class/net/$name/ifindex")" &
sniffer=$!
wait_for 10 grep -q " $(cat "/sys/class/net/$name/ifindex") " /proc/net/packet
expect_output "1 packet socket on $name" pcipass plan -v host.yaml
kill $sniffer

# The same holds for tc(8) filters that redirect from or to the NIC.
ip link set "$spare" up
modprobe -a sch_ingress cls_matchall act_mirred
tc qdisc add dev "$name" clsact
tc filter add dev "$name" ingress matchall action mirred egress redirect dev "$spare"
expect_output "a tc filter of $name sends to $spare" pcipass plan -v host.yaml
host "lan $other, reserve: true" >other.yaml
expect_output "a tc filter of $name sends to $spare" pcipass plan -v other.yaml
tc qdisc delete dev "$name" clsact

# A user who cannot inspect processes and namespaces cannot see all uses of a NIC, so the plan is
# refused.
other() { setpriv --reuid 65534 --regid 65534 --clear-groups /lab/bin/pcipass "$@"; }
expect_refused "some network namespaces are not visible: not root" other plan host.yaml
expect_refused '[unavailable]' other plan host.yaml

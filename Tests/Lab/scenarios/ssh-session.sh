# The NIC that carries the SSH session of the operator is found by the connection itself: under a
# VLAN and a bridge, by a link-local address alone, and independent of the environment.
# limit: 300
lan=$(interface 0000:03:00.0) spare=$(interface 0000:02:00.0)
ip link add br0 type bridge
ip link add link "$lan" name "$lan.120" type vlan id 120
ip link set "$lan.120" master br0
for link in "$lan" "$lan.120" br0 "$spare"; do ip link set "$link" up; done
ip address add 192.0.2.10/24 dev br0
ip address add fe80::10/64 dev "$spare" nodad

mkdir -p /run/sshd /root/.ssh
mount -t tmpfs -o mode=700 keys /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /tmp/daemon
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
/usr/sbin/sshd -f /dev/null -o HostKey=/tmp/daemon -o PidFile=none
printf 'StrictHostKeyChecking no\nLogLevel QUIET\n' >/root/.ssh/config
plan='/lab/bin/pcipass plan /tmp/work/host.yaml'

# no_session COMMAND…: the command may be refused, but not because of a session
no_session() {
  { local -; set +x; } 2>/dev/null
  local output
  output=$("$@" 2>&1) || true
  printf '%s\n' "$output"
  [[ $output != *'SSH session'* ]] || fail 'a session is reported where there is none'
}

host 'lan 0000:03:00.0, reserve: true' >host.yaml
expect_refused "(192.0.2.10 port " ssh 192.0.2.10 "$plan"
expect_refused ' to 192.0.2.10 port 22 on br0)' ssh 192.0.2.10 "exec env -i $plan"
expect_refused "$lan carries this SSH session" ssh 192.0.2.10 "env -i ${plan/plan/apply} --yes"
expect_driver 0000:03:00.0 igb
# In a session from the host to itself, the outer session is found.
expect_refused "(192.0.2.10 port " ssh 192.0.2.10 \
  "ssh 127.0.0.1 env -i $plan"
no_session ssh 127.0.0.1 "$plan"
no_session pcipass plan host.yaml

dropbearkey -t ed25519 -f /tmp/dropbear-key
dropbear -r /tmp/dropbear-key -p 2222
expect_refused ' to 192.0.2.10 port 2222 on br0)' ssh -p 2222 192.0.2.10 "env -i $plan"

# A daemon for each connection, with IPv4 on an IPv6 socket, as systemd's ssh.socket may have.
socat TCP6-LISTEN:2223,ipv6only=0,fork 'EXEC:/usr/sbin/sshd -i -f /dev/null -o HostKey=/tmp/daemon,nofork' &
expect_refused ' to 192.0.2.10 port 2223 on br0)' ssh -p 2223 192.0.2.10 \
  "grep -q 0000000000000000FFFF00000A0200C0:08AF /proc/net/tcp6 && env -i $plan"

# Without a parent daemon, as in tmux, SSH_CONNECTION is used as long as the connection exists.
ssh 192.0.2.10 'echo $SSH_CONNECTION >/tmp/session; exec sleep 100' &
wait_for 10 test -s /tmp/session
read -r named </tmp/session
SSH_CONNECTION=$named expect_refused "(192.0.2.10 port " pcipass plan host.yaml
kill $!
wait $! || true
SSH_CONNECTION=$named no_session pcipass plan host.yaml

# The manifest can allow the loss of the session, which the plan reports first.
host 'lan 0000:03:00.0, reserve: true, allow: [host-network], because: the console is at hand' >agreed.yaml
expect_output "allowed: nic/lan: $lan carries this SSH session (" ssh 192.0.2.10 "${plan/host/agreed}"
expect_output 'the console is at hand [host-network]' ssh 192.0.2.10 "${plan/host/agreed}"

# A NIC with only a link-local address, which is not a use by itself.
host 'lan 0000:02:00.0, reserve: true' >host.yaml
expect_exit 0 pcipass plan host.yaml
expect_exit 0 ssh 192.0.2.10 "$plan"
expect_refused "(fe80::10 port " ssh "fe80::10%$spare" "$plan"
expect_refused "$spare carries this SSH session" ssh "fe80::10%$spare" "env -i $plan"
nobody='su -s /bin/sh nobody' plan="$plan --state-dir /tmp/work"
# Without root, sshd's sockets are not visible. Without SSH_CONNECTION, too, the session is unknown.
expect_refused "$spare carries this SSH session" ssh "fe80::10%$spare" "$nobody -c '$plan'"
expect_refused 'this SSH session may use it: not root: /proc/' \
  ssh "fe80::10%$spare" "$nobody -c 'env -i $plan'"
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:02:00.0 vfio-pci

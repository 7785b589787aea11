# An apply that removes the NIC of the SSH session of the operator rolls back automatically, because
# the operator cannot confirm it.
# limit: 200
port=0000:03:00.0
name=$(interface $port)
ip link set "$name" up
ip address add 192.0.2.10/24 dev "$name"
mkdir -p /run/sshd /root/.ssh
mount -t tmpfs -o mode=700 keys /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f /tmp/daemon
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
/usr/sbin/sshd -f /dev/null -o HostKey=/tmp/daemon -o PidFile=/tmp/sshd.pid
printf 'StrictHostKeyChecking no\nLogLevel QUIET\nConnectTimeout 5\n' >/root/.ssh/config
host "lan $port, reserve: true" >host.yaml
apply='/lab/bin/pcipass apply /tmp/work/host.yaml --yes --confirm-within 10s'
expect_refused 'carries this SSH session' ssh 192.0.2.10 "$apply"
expect_driver $port igb
host "lan $port, reserve: true, allow: [host-network], because: the guest is to have it" >host.yaml
# shellcheck disable=SC2029 # the words are the same there
ssh 192.0.2.10 "$apply" >output 2>&1 &
client=$!
wait_for 30 on vfio-pci $port
# The connection is dead until both ends close it.
expect_exit 255 ssh 192.0.2.10 true
expect_exit 0 kill -0 $client
let_go
kill -KILL $client
pkill -KILL -P "$(cat /tmp/sshd.pid)"
cat output

wait_for 60 on igb $port
let_go
expect_end 1 undone
# The interface exists again; its address is set by the network configuration of the host.
name=$(interface $port)
expect_output 90:e2:ba:00:cd:ee cat "/sys/class/net/$name/address"
ip link set "$name" up
ip address add 192.0.2.10/24 dev "$name"
expect_output 'not confirmed in time, undone' ssh 192.0.2.10 /lab/bin/pcipass history

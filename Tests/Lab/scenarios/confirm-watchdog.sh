# Failures of the watchdog, the apply, the lock and the disk: the apply rolls back, or every command
# reports why it does not.
# limit: 400
port=0000:03:00.0
host "lan $port, reserve: true" >host.yaml
pcipass=$(type -P pcipass)
standing >before
expect_undone() {
  # An apply that is killed before its first write leaves the NIC on igb: the driver shows no end.
  wait_for "$1" ended "$(last_journal)" undone
  expect_driver $port igb
  let_go
  expect_standing before
}
applied() { expect_exit 0 command pcipass apply host.yaml --yes --confirm-within "$1"; }
watchdog() { sed -E 's/process ([0-9]+),.*/\1/' /var/lib/pcipass/watch; }

# An open question on another terminal delays neither the apply nor its rollback.
mkfifo keys
exec 8<>keys
expect_exit 0 command pcipass apply host.yaml --yes
socat - "EXEC:'$pcipass rollback',pty,setsid,ctty,stderr" <keys >question 2>&1 &
wait_for 30 grep -q "Only 'yes' is accepted" question
expect_exit 0 command pcipass rollback --yes
applied 5s
expect_undone 30
exec 8>&-

# The terminal is stopped (Ctrl-S): the apply continues to its end, and the time to confirm runs.
mkfifo full
exec 9<>full
dd if=/dev/zero of=full bs=4096 count=64 oflag=nonblock status=none 2>/dev/null || true
"$pcipass" apply host.yaml --yes --verbose --confirm-within 5s >full 2>&1 &
apply=$!
wait_for 30 on vfio-pci $port
expect_undone 30
kill -KILL $apply
exec 9>&-

# The apply is stopped between two steps (SIGSTOP): it is killed ten seconds after its deadline.
number=$(last_journal)
"$pcipass" apply host.yaml --yes --confirm-within 5s >output 2>&1 &
apply=$!
begun $((number + 1)) "bind/$port"
kill -STOP $apply
expect_output '(stopped), apply' command pcipass plan host.yaml
expect_undone 60
expect_exit 137 wait $apply
expect_output 'and was killed' command pcipass show "$(last_journal)"

# Another process has the lock: the watchdog names it, waits for it and does not kill it.
applied 5s
flock --no-fork /var/lib/pcipass/lock sleep 12 &
other=$!
wait_for 30 grep -q "holds the lock of the host" "/var/lib/pcipass/journal/$(last_journal)"
expect_text 6 "holds the lock of the host" command pcipass status host.yaml
expect_driver $port vfio-pci
expect_exit 0 wait $other
expect_undone 30

# The watchdog is killed: each command reports that, with the command to type.
applied 5s
kill -KILL "$(watchdog)"
sleep 6
for words in "plan host.yaml" devices history "show $(last_journal)" snapshot recover; do
  # shellcheck disable=SC2086 # they are words
  expect_output 'no watchdog runs: it does not roll back automatically' command pcipass $words >output
  grep -q "pcipass rollback $(last_journal)" output
done
expect_text 6 'was not confirmed by' command pcipass status host.yaml
expect_driver $port vfio-pci
expect_exit 0 command pcipass rollback --yes
expect_standing before

# The disk fills while the apply waits: the journal has reserved the space for the rollback.
mkdir small
mount -t tmpfs -o size=1m,mode=700 small small
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 5s --state-dir "$PWD/small"
dd if=/dev/zero of=small/fill bs=4096 status=none 2>/dev/null || true
expect_refused 'No space left' command pcipass rollback --yes --state-dir "$PWD/small"
wait_for 60 on igb $port
flock --wait 60 small/lock true
expect_standing before
expect_output 'not confirmed in time, undone' command pcipass show 1 --state-dir "$PWD/small"
# A run that cannot start leaves no journal.
for _ in 1 2 3; do
  expect_refused '[unwritable]' command pcipass apply host.yaml --yes --state-dir "$PWD/small" --keep 10
done
expect_same 1 command ls small/journal
umount small

# A process has a file open on a server that does not answer: recover does not wait for the server.
modprobe fuse
exec 7<>/dev/fuse
mkdir dead
mount -i -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0 dead dead
# ask: reads a request and prints its id, for the answers below
ask() { dd bs=1M count=1 status=none <&7 | head -c 16 | tail -c 8 | od -An -v -tx1 | sed 's/ /\\x/g'; }
id=$(ask)
# FUSE_INIT: version 7.31, with FUSE_NO_OPENDIR_SUPPORT
# shellcheck disable=SC2059 # they are bytes
printf "\x50\0\0\0\0\0\0\0$id\x07\0\0\0\x1f\0\0\0\0\0\0\0\0\0\0\x01$(printf '\\0%.0s' {1..48})" >&7
# shellcheck disable=SC2217 # it is to have it open
sleep 600 <dead &
sleeper=$!
id=$(ask)
# FUSE_OPENDIR: ENOSYS
# shellcheck disable=SC2059
printf "\x10\0\0\0\xda\xff\xff\xff$id" >&7
wait_for 10 test "$(readlink /proc/$sleeper/fd/0)" = "$PWD/dead"
killed_at "write:/var/lib/pcipass/journal/$(($(last_journal) + 1))" 4 apply host.yaml --yes
let_go
expect_exit 0 timeout 20 "$pcipass" recover --yes
expect_standing before
kill -KILL $sleeper
umount -l dead
exec 7>&-

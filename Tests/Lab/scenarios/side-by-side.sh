# Steps of two cards and two guests run at the same time: done, undone, interrupted, stuck. Steps
# that share a resource do not.
# limit: 600
one=0000:02:00.0 two=0000:03:00.0
libvirt-up
for name in a b; do
  domain $name slow 1 >$name.xml
  virsh define $name.xml
  virsh start $name
done
{ host "lan $one" "dmz $two"; guest a 'net0 lan'; guest b 'net0 dmz'; } >host.yaml
{ host "lan $one" "dmz $two"; guest a; guest b; } >none.yaml
standing >before

# events: prints the records of steps in the last journal, in their order
events() {
  sed -nE 's/^[0-9a-f]+ .*"(starting|done|failed|undoing|undone)": ?\{"step": ?"([^"]*)".*/\1 \2/p' \
    "/var/lib/pcipass/journal/$(last_journal)"
}
# overlap ONE TWO: succeeds if both steps were started before either had ended
overlap() { events | awk -v a="$1" -v b="$2" '$2 == a || $2 == b' | head -n 2 | grep -c '^\(starting\|undoing\) ' | grep -qx 2; }
# in_order FILE: succeeds if the output shows each step once, in the plan's order
in_order() { sed -nE 's/^ +([0-9]+)\/[0-9]+  .*/\1/p' "$1" >numbers; sort -n -u numbers | diff - numbers; }

# Without a twin, here and below: its steps take no time.
command pcipass apply host.yaml --yes --jobs 8 >output || fail "$(cat output)"
cat output
in_order output
expect_same "$one ua-pcipass-net0" in_qemu a
expect_same "$two ua-pcipass-net0" in_qemu b
standing >after

# Two guests that answer after eight seconds get their unplug requests at the same time.
command pcipass apply none.yaml --yes --jobs 8 >output || fail "$(cat output)"
cat output
in_order output
events
overlap detach/a/net0/live detach/b/net0/live
expect_standing before
expect_output 'No changes.' pcipass plan none.yaml --detailed-exitcode

# The rollback runs its steps at the same time, too.
command pcipass rollback --yes --jobs 8 >output || fail "$(cat output)"
cat output
expect_standing after

# Killed during both unplug requests: recovery goes back or forward with both guests.
for way in back forward; do
  command pcipass apply none.yaml --yes --jobs 8 >output 2>&1 &
  apply=$!
  number=$(($(last_journal) + 1))
  wait_for 30 test -e "/var/lib/pcipass/journal/$number"
  begun "$number" detach/a/net0/live
  begun "$number" detach/b/net0/live
  kill -KILL $apply
  expect_exit 137 wait $apply
  let_go
  expect_output "; at step" command pcipass history || true
  command pcipass recover --$way --yes --jobs 8 >output 2>&1 || fail "$(cat output)"
  cat output
  if [ $way = back ]; then expect_standing after; else expect_standing before; fi
done
command pcipass apply host.yaml --yes --jobs 8 >output || fail "$(cat output)"

# A stop request during both unplug requests: both steps finish, then all steps are undone.
command pcipass apply none.yaml --yes --jobs 8 >output 2>&1 &
apply=$!
number=$(($(last_journal) + 1))
wait_for 30 test -e "/var/lib/pcipass/journal/$number"
begun "$number" detach/a/net0/live
begun "$number" detach/b/net0/live
kill -TERM $apply
expect_exit 143 wait $apply
cat output
expect_end "$number" undone
expect_standing after
command pcipass apply none.yaml --yes --jobs 8 >output || fail "$(cat output)"
for name in a b; do virsh destroy $name; done

# A kernel write that hangs does not delay others: the other NIC is bound meanwhile, and its step
# undone later.
host "lan $one, reserve: true" "dmz $two, reserve: true" >reserved.yaml
host "lan $one" "dmz $two" >free.yaml
expect_exit 0 pcipass apply reserved.yaml --yes
guest-up vm deaf -device vfio-pci,host=$one,id=nic0,bus=port1
process=$(cat /tmp/vm.pid)
mount -t tmpfs hidden "/proc/$process"
expect_refused 'Stuck.' command pcipass apply free.yaml --yes --jobs 8 --step-timeout 5
umount "/proc/$process"
events
overlap bind/$one bind/$two
[ "$(events | sed -n '/^done/p; /^failed/p')" = "done bind/$two
failed bind/$one" ] || fail 'the other write did not finish first'
expect_driver $one none
expect_driver $two vfio-pci
end_guest vm
wait_for 20 eval '! pgrep -x pcipass'
expect_exit 0 pcipass recover --yes
expect_driver $one vfio-pci

# Functions of one IOMMU group, which one reset may affect together, are bound one after the other.
host 'one 0000:01:00.0, reserve: true' 'two 0000:01:00.1, reserve: true' >group.yaml
expect_exit 0 pcipass apply group.yaml --yes --jobs 8
events
! overlap bind/0000:01:00.0 bind/0000:01:00.1 || fail 'both functions of the group were bound at the same time'
expect_exit 0 pcipass rollback --yes --jobs 8

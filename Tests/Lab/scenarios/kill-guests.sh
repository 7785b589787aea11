# pcipass is killed (SIGKILL) at random moments of a hot-plug or hot-unplug, by libvirt and by the
# QEMU monitor. Recovery waits for the result of libvirt, QEMU and the guest, and goes back or
# forward.
# limit: 600
{
  host 'lan 0000:03:00.0' 'wan 0000:02:00.0'
  guest vm 'net0 lan'
  guest q 'qemu: {qmp: /tmp/q.qmp}' 'net0 wan'
} >host.yaml
{ host 'lan 0000:03:00.0' 'wan 0000:02:00.0'; guest vm; guest q 'qemu: {qmp: /tmp/q.qmp}'; } >none.yaml
pcipass=$(type -P pcipass)
# Each run has the same moments, on machines of the same speed.
RANDOM=${SEED:-20}

# round WAY FILE FROM TO SECONDS: kills an apply within that many seconds, and recovers it
round() {
  { local -; set +x; } 2>/dev/null
  local number apply end delay
  number=$(($(last_journal) + 1))
  delay=$((RANDOM % ($5 * 100)))
  "$pcipass" apply "$2" --yes >output 2>&1 &
  apply=$!
  # Nothing is changed before the start of the journal.
  until [ -s "/var/lib/pcipass/journal/$number" ]; do sleep 0.02; done
  sleep "$((delay / 100)).$((delay / 10 % 10))$((delay % 10))"
  kill -KILL $apply 2>/dev/null || true
  { wait $apply; } 2>/dev/null || true
  kills=$((${kills:-0} + 1))
  let_go
  echo "$1 $2 after $delay: $(command pcipass history | sed -n 2p)"
  end=$(command pcipass history --format json | jq -r '.runs[0].outcome')
  if [ "$end" = interrupted ]; then
    expect_output "apply $number of" command pcipass plan "$2" >output
    grep '\[interrupted\]' output
    expect_refused '[interrupted]' command pcipass apply "$2" --yes >output
  fi
  case $1-$end in
    *-done) ;;
    back-interrupted)
      command pcipass recover --yes >output 2>&1 || fail "$(cat output)"
      expect_end "$number" undone
      expect_standing "$3"
      command pcipass apply "$2" --yes >output 2>&1 || fail "$(cat output)" ;;
    forward-interrupted)
      command pcipass recover --forward --yes >output 2>&1 || fail "$(cat output)"
      expect_end "$number" "done" ;;
    *) fail "the apply ended as $end" ;;
  esac
  expect_standing "$4"
}

libvirt-up
domain vm answers 1 >vm.xml
virsh define vm.xml
virsh start vm
guest-up q answers
modprobe vfio-pci
expect_exit 0 command pcipass apply host.yaml --yes
standing >in
expect_exit 0 command pcipass apply none.yaml --yes
standing >out
for way in back forward; do
  round $way host.yaml out in 6
  round $way none.yaml in out 6
done

# libvirt continues a request whose client is gone. Here QEMU is stopped and pcipass killed
# meanwhile.
process=$(cat /run/libvirt/qemu/vm.pid)
for way in back forward; do
  number=$(($(last_journal) + 1))
  "$pcipass" apply host.yaml --yes >output 2>&1 &
  apply=$!
  begun "$number" attach/vm/net0/persistent
  kill -STOP "$process"
  begun "$number" attach/vm/net0/live
  sleep 1
  kill -KILL $apply
  wait $apply || true
  kills=$((kills + 1))
  let_go
  expect_end "$number" interrupted
  expect_same '' runs vm
  "$pcipass" recover --$way --yes >output 2>&1 &
  recover=$!
  sleep 3
  expect_exit 0 kill -0 $recover
  kill -CONT "$process"
  expect_exit 0 wait $recover
  cat output
  if [ $way = forward ]; then
    expect_standing in
    expect_exit 0 command pcipass rollback --yes
  fi
  sleep 2
  expect_standing out
done

# Guests that release a NIC after eight seconds.
virsh destroy vm
virsh dumpxml --inactive vm | sed 's/answers.bin/slow.bin/' >slow.xml
virsh define slow.xml
virsh start vm
end_guest q
guest-up q slow
standing >out
expect_exit 0 command pcipass apply host.yaml --yes
standing >in
for way in back forward; do
  round $way none.yaml in out 17
  expect_exit 0 command pcipass apply host.yaml --yes
  expect_standing in
done
echo "${kills:-0} kills"

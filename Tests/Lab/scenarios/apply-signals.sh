# SIGINT, SIGTERM, SIGHUP while a guest is slow: the step finishes, then all steps are undone. A
# second SIGINT stops at once. A terminal's Ctrl-C reaches pcipass only, and a terminal that is
# closed sends a SIGHUP.
# limit: 400
port=0000:03:00.0
{ host "lan $port"; guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'net0 lan'; } >host.yaml
{ host "lan $port"; guest vm 'qemu: {qmp: /tmp/vm.qmp}'; } >none.yaml
host "lan $port, reserve: true" 'wan 0000:02:00.0, reserve: true' >reserved.yaml
host "lan $port" 'wan 0000:02:00.0' >free.yaml
pcipass=$(type -P pcipass)
# Without a twin from here on: it would need the same signal at the same moment.
guest-up vm slow
expect_exit 0 command pcipass apply host.yaml --yes
standing >before

# takes COMMAND…: starts an apply that removes the NIC from the guest; `apply` is its process
takes() {
  number=$(($(last_journal) + 1))
  "$@" "$pcipass" apply none.yaml --yes >output 2>&1 &
  apply=$!
  begun "$number" detach/vm/net0/live
}
stopped() {
  expect_exit $((128 + $(kill -l "$1"))) wait $apply
  cat output
  expect_exit 0 grep "not started: stopped by SIG$1" output
  expect_exit 0 grep 'Stopped. All completed steps were undone.' output
  expect_end "$number" undone
  expect_output "stopped by SIG$1" command pcipass show "$number"
  expect_standing before
  expect_exit 2 command pcipass plan none.yaml --detailed-exitcode
}
takes env
kill -TERM $apply
stopped TERM
takes env
kill -HUP $apply
stopped HUP
# The shell starts background processes with SIGINT ignored.
takes env --default-signal=INT
kill -INT $apply
stopped INT
takes env
kill -INT $apply
expect_exit 0 wait $apply
expect_end "$number" "done"
expect_exit 0 command pcipass rollback --yes
expect_standing before

# A second SIGINT stops pcipass at once. The guest releases the NIC later, and recovery waits for
# it.
takes env --default-signal=INT
kill -INT $apply
sleep 0.5
kill -INT $apply
expect_exit 5 wait $apply
expect_exit 0 grep 'stopped immediately, so the run is interrupted; undo it with: pcipass recover' output
guest_has vm pcipass-net0
expect_refused '[interrupted]' command pcipass apply none.yaml --yes
expect_exit 0 command pcipass recover --yes
expect_standing before

end_guest vm

# On a terminal: Ctrl-C during a kernel write, which a QEMU that pcipass does not see delays until
# its guest has answered. The process that writes does not belong to the terminal.
expect_exit 0 command pcipass apply reserved.yaml --yes
standing >before
terminal() {
  number=$(($(last_journal) + 1))
  guest-up vm slow -device vfio-pci,host=$port,id=nic0,bus=port1
  process=$(cat /tmp/vm.pid)
  mount -t tmpfs hidden "/proc/$process"
  mkfifo keys
  socat - "EXEC:'$pcipass apply free.yaml --yes',pty,setsid,ctty,stderr" <keys >output 2>&1 &
  terminal=$!
  exec 8>keys
  rm keys
  wait_for 30 on none $port
}
# closed: ends the guest's QEMU, for the next test
closed() {
  let_go
  cat output
  expect_end "$number" undone
  umount "/proc/$process"
  end_guest vm
  expect_standing before
}
terminal
printf '\003' >&8
wait $terminal || true
exec 8>&-
expect_exit 0 grep 'not started: stopped by SIGINT' output
closed
terminal
kill -KILL $terminal
exec 8>&-
closed
expect_output 'stopped by SIGHUP: the terminal was closed' command pcipass show "$number"

# The reader of the output ends: the apply is completed nevertheless.
expect_exit 0 eval 'command pcipass apply free.yaml --yes | head -n 1'
expect_end "$(last_journal)" "done"
expect_driver $port igb

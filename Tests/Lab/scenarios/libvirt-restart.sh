# The libvirt daemon is restarted, hangs or is absent: an apply survives the restart and reports the
# other cases.
# limit: 400
libvirt-up
domain vm answers 1 >vm.xml
virsh define vm.xml
virsh start vm
{ host 'lan 0000:03:00.0'; guest vm 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm; } >none.yaml
daemon() { kill "-$1" "$(pgrep -x libvirtd)"; }
start_daemon() {
  libvirtd --daemon
  wait_for 60 virsh --quiet list
}

# ends: waits for the apply, prints its output and returns its status
ends() {
  local status=0
  wait "$apply" || status=$?
  cat output
  return $status
}

# begins: waits until pcipass has printed its plan and runs the first step, which does not need
# libvirt
begins() {
  { local -; set +x; } 2>/dev/null
  # Not with grep, whose start would delay the detection.
  local text=''
  until [[ $text = *'to add'* ]]; do read -r -d '' text <output || true; done
}

# Restarted between two steps. Without a twin: it has no daemon.
# Without the output of an earlier run.
: >output
"$(type -P pcipass)" apply host.yaml --yes >output 2>&1 &
apply=$!
begins
kill -STOP $apply
daemon KILL
start_daemon
kill -CONT $apply
expect_exit 0 ends
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined vm
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu vm

# A restarted daemon still has the devices of running guests.
daemon KILL
start_daemon
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' in_qemu vm

# Without a twin from here on: no snapshot can be taken.
daemon STOP
SECONDS=0
expect_refused 'libvirt did not answer' command pcipass plan host.yaml
[ "$SECONDS" -le 25 ]
daemon CONT
expect_exit 2 command pcipass plan host.yaml --detailed-exitcode

# Stopped during an apply: the finished steps are undone, because the next step was not started.
# Without the output of an earlier run.
: >output
"$(type -P pcipass)" apply host.yaml --yes >output 2>&1 &
apply=$!
begins
kill -STOP $apply
daemon STOP
kill -CONT $apply
expect_exit 4 ends
daemon CONT
grep -q 'libvirt did not answer' output
expect_exit 1 grep -q 'Stuck' output
expect_driver 0000:03:00.0 igb
expect_same '' defined vm

# A killed daemon leaves its socket.
daemon KILL
expect_refused '[unavailable]' command pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
rm /run/libvirt/libvirt-sock*
expect_refused '[unavailable]' command pcipass plan host.yaml
expect_driver 0000:03:00.0 igb

# A QEMU without libvirt is identified by its UUID, or else by its process. A QEMU that restarts
# without a UUID is another guest.
# limit: 600
uuid=6ad9ee0a-8a3c-4a0c-9d64-0123456789ab
{ host 'lan 0000:03:00.0'; guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm 'qemu: {qmp: /tmp/vm.qmp}'; } >none.yaml
identity() {  # prints the identity of the guest in a snapshot: its UUID and its process
  command pcipass snapshot none.yaml | jq -r '.qemu[0] | "\(.uuid) \(.process)"'
}
process() {
  echo "$(cat /tmp/vm.pid)/$(sed 's/.*) //' "/proc/$(cat /tmp/vm.pid)/stat" | cut -d ' ' -f 20)/$(cat /proc/sys/kernel/random/boot_id)"
}

# Without a UUID, QEMU reports zeros.
guest-up vm answers
expect_same '{"UUID":"00000000-0000-0000-0000-000000000000"}' jq -c . <(qmp vm query-uuid)
expect_same "null $(process)" identity
expect_exit 0 pcipass apply host.yaml --yes --out there.plan
expect_exit 0 pcipass apply none.yaml --yes --out gone.plan
end_guest vm
guest-up vm answers
# Nothing is added to the new process; the refusal names both processes.
before=$(jq -r '[.steps[].guestProcess // empty][0]' gone.plan)
expect_refused "was process ${before%%/*}" pcipass rollback gone.plan --yes
expect_refused "is now process $(cat /tmp/vm.pid)" pcipass rollback gone.plan --yes
expect_driver 0000:03:00.0 igb
# A new plan can be applied, and the device that pcipass added to the new process is removed by its
# mark.
expect_refused '[stale]' pcipass apply there.plan --yes
expect_exit 0 pcipass apply host.yaml --yes
guest_has vm pcipass-net0
expect_exit 0 pcipass rollback there.plan --yes
guest_lost vm pcipass-net0
end_guest vm

# With a UUID, it is the same guest after a restart.
guest-up vm answers -uuid "$uuid"
expect_same "$uuid null" identity
expect_exit 0 pcipass apply host.yaml --yes
expect_exit 0 pcipass apply none.yaml --yes --out gone.plan
end_guest vm
guest-up vm answers -uuid "$uuid"
expect_exit 0 pcipass rollback gone.plan --yes
guest_has vm pcipass-net0
expect_exit 0 pcipass apply none.yaml --yes
end_guest vm

# Only one pcipass changes the host at a time. A second one names the first, or waits for it. This
# also holds when the first was killed and its kernel write continues.
# limit: 300
port=0000:03:00.0
{ host "lan $port"; guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'net0 lan'; } >host.yaml
{ host "lan $port"; guest vm 'qemu: {qmp: /tmp/vm.qmp}'; } >none.yaml
host "lan $port, reserve: true" >reserved.yaml
host "lan $port" >free.yaml
pcipass=$(type -P pcipass)

# Without a twin from here on: it has a separate lock.
guest-up vm slow
expect_exit 0 command pcipass apply host.yaml --yes
"$pcipass" apply none.yaml --yes >output 2>&1 &
first=$!
begun 2 detach/vm/net0/live
expect_refused "another pcipass is changing this host: process $first, apply; nothing was changed [locked]" \
  command pcipass apply none.yaml --yes
expect_refused "process $first, apply" command pcipass rollback --yes
expect_refused '[locked]' command pcipass recover --yes
# Commands that only read report the running apply, and can read its journal.
expect_text 3 "is being executed by process $first, apply: the host is changing [running]" command pcipass plan free.yaml
expect_output 'in progress, at step 1 of 2' pcipass history
expect_output 'No changes.' command pcipass apply none.yaml --yes --lock-timeout 60
expect_exit 0 wait $first
expect_driver $port igb
end_guest vm

# A deaf guest keeps the NIC, and its process is hidden from pcipass: the kernel's write into
# `unbind` ends when the guest ends. pcipass is killed meanwhile.
expect_exit 0 command pcipass apply reserved.yaml --yes
guest-up vm deaf -device vfio-pci,host=$port,id=nic0,bus=port1
process=$(cat /tmp/vm.pid)
mount -t tmpfs hidden "/proc/$process"
"$pcipass" apply free.yaml --yes >output 2>&1 &
first=$!
wait_for 20 on none $port
kill -KILL $first
wait $first || true
expect_refused "process $first, apply" command pcipass apply free.yaml --yes
expect_refused '[locked]' command pcipass recover --yes --lock-timeout 2
"$pcipass" recover --yes --lock-timeout 60 >output 2>&1 &
recover=$!
sleep 1
umount "/proc/$process"
end_guest vm
expect_exit 0 wait $recover
cat output
expect_driver $port vfio-pci
expect_exit 0 command pcipass apply free.yaml --yes
expect_driver $port igb

# apply --confirm-within: rolls back automatically unless it is confirmed, also without the
# operator.
# limit: 300
port=0000:03:00.0
host "lan $port, reserve: true" >host.yaml
pcipass=$(type -P pcipass)
standing >before
# Without a twin: it would have to be undone at the same moment.
undone() {
  wait_for 60 on igb $port
  let_go
  expect_standing before
  expect_end "$(last_journal)" undone
  expect_exit 0 command pcipass apply host.yaml --yes
  expect_exit 0 command pcipass rollback --yes
}

# Not confirmed. Other runs are refused while the apply waits.
expect_output 'pcipass confirm 1' \
  command pcipass apply host.yaml --yes --confirm-within 20s
expect_driver $port vfio-pci
expect_output '[unconfirmed]' command pcipass plan host.yaml
expect_text 6 'rolls it back then' command pcipass plan host.yaml --detailed-exitcode
expect_text 6 '[unconfirmed]' command pcipass status host.yaml
expect_text 6 '[unconfirmed]' command pcipass apply host.yaml --yes
expect_refused '[nothing-to-confirm]' command pcipass confirm 7
undone
expect_output 'not confirmed in time, undone' command pcipass show 1
expect_refused '[nothing-to-confirm]' command pcipass confirm

# Confirmed in time.
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 5s
expect_output 'stays in effect' command pcipass confirm
sleep 8
expect_driver $port vfio-pci
expect_output 'done, confirmed by root' command pcipass show "$(last_journal)"
expect_exit 0 command pcipass rollback --yes
expect_standing before

# The terminal and its processes are gone, as after a loss of the network.
mkfifo keys
socat - "EXEC:'$pcipass apply host.yaml --yes --confirm-within 10s',pty,setsid,ctty,stderr" <keys >output 2>&1 &
terminal=$!
exec 8>keys
wait_for 60 on vfio-pci $port
kill -KILL $terminal
exec 8>&-
undone

# pcipass itself is killed during the apply: its steps are undone nevertheless.
killed_at "write:/var/lib/pcipass/journal/$(($(last_journal) + 1))" 4 apply host.yaml --yes --confirm-within 5s
expect_driver $port vfio-pci
wait_for 60 on igb $port
let_go
expect_end "$(last_journal)" undone
expect_standing before

# The rollback is refused: commands report that, and the watchdog retries until it succeeds.
expect_exit 0 command pcipass apply host.yaml --yes --confirm-within 5s
guest-up vm answers -device vfio-pci,host=$port,id=nic0,bus=port1
wait_for 30 grep -q unconfirmed "/var/lib/pcipass/journal/$(last_journal)"
expect_text 6 'not rolled back yet' command pcipass plan host.yaml --detailed-exitcode
expect_driver $port vfio-pci
end_guest vm
undone

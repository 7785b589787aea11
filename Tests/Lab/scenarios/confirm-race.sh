# A confirmation at the deadline: the apply is either confirmed and stays, or is undone and not
# confirmed. 200 more of these are in WatchdogCommandTests, because the CPU of the lab is slow.
# limit: 300
pcipass=$(type -P pcipass)
port=0000:03:00.0
host "lan $port, reserve: true" >host.yaml
confirmed=0 undone=0
# The confirmations start between 1 s before the deadline and 0.4 s after it, because a confirmation
# needs some time until it has the lock.
for delay in 4.0 4.3 4.5 4.6 4.7 4.8 4.9 5.0 5.1 5.2 5.4; do
  expect_exit 0 "$pcipass" apply host.yaml --yes --quiet --confirm-within 5s
  sleep $delay
  if "$pcipass" confirm --lock-timeout 10; then
    confirmed=$((confirmed + 1))
    sleep 3
    expect_driver $port vfio-pci
    expect_exit 0 "$pcipass" rollback --yes --quiet
  else
    undone=$((undone + 1))
    wait_for 10 on igb $port
    let_go
    expect_end "$(last_journal)" undone
  fi
done
echo "$confirmed confirmed, $undone undone"
[ $confirmed -gt 0 ] && [ $undone -gt 0 ]

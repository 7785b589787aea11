# Each run is recorded: it is listed, shown, and rolled back by number, in sequence or in parts. The
# number of journals is limited.
# limit: 400
lan=0000:03:00.0 wan=0000:02:00.0
host "lan $lan, reserve: true" >host.yaml
host "lan $lan, reserve: true" "wan $wan, reserve: true" >both.yaml
outcomes() { command pcipass history --format json | jq -r '.runs[] | "\(.id) \(.outcome) \(.rolledBackBy // "-")"'; }
state=/var/lib/pcipass
# The lab has mounted this folder.
umount $state
rmdir $state
expect_output 'No apply was made on this host yet.' pcipass history
expect_refused '[nothing-to-roll-back]' pcipass rollback --yes

expect_output 'Undo with: pcipass rollback 1' pcipass apply host.yaml --yes
expect_same $'700 root\n700 root' stat -c '%a %U' $state $state/journal
expect_same $'600 root\n600 root\n600 root' stat -c '%a %U' $state/journal/1 $state/lock $state/identities.json
expect_output 'Undo with: pcipass rollback 2' pcipass apply both.yaml --yes
expect_driver $wan vfio-pci
expect_output 'bind 0000:02:00.0: vfio-pci → igb' pcipass show 2
expect_output "boot $(cat /proc/sys/kernel/random/boot_id)" pcipass show 2
expect_same 2 eval 'pcipass show 2 --format json | jq -r .id'
expect_refused '[no-journal]' pcipass show 3

# Without a number the last apply is rolled back, then the one before it.
expect_output 'Rollback complete: 1 of 1 step verified on hv01. Undo with: pcipass rollback 3' pcipass rollback --yes
expect_driver $wan igb
expect_driver $lan vfio-pci
expect_output 'Undo with: pcipass rollback 4' pcipass rollback --yes
expect_driver $lan igb
expect_refused '[nothing-to-roll-back]' pcipass rollback --yes
expect_same $'4 done -\n3 done -\n2 done 3\n1 done 4' outcomes
# A rollback can be rolled back like an apply, which puts the apply in effect again.
expect_exit 0 pcipass rollback 4 --yes
expect_driver $lan vfio-pci
expect_exit 0 pcipass rollback 5 --yes
expect_driver $lan igb

# Where one NIC has changed since, --target leaves that NIC unchanged.
expect_exit 0 pcipass apply both.yaml --yes
number=$(last_journal)
bind_by_hand $wan pci-stub
expect_refused '[changed]' pcipass rollback "$number" --yes
expect_driver $lan vfio-pci
expect_exit 0 pcipass rollback "$number" --target nic/lan --yes
expect_driver $lan igb
expect_driver $wan pci-stub
echo >/sys/bus/pci/devices/$wan/driver_override
echo $wan >/sys/bus/pci/drivers/pci-stub/unbind
echo $wan >/sys/bus/pci/drivers_probe
expect_driver $wan igb

# The oldest journals are deleted; the numbers continue.
for _ in 1 2 3; do
  expect_exit 0 pcipass apply host.yaml --yes --keep 10
  expect_exit 0 pcipass rollback --yes --keep 10
done
expect_same 11 eval "ls $state/journal | wc -l"
expect_same 14 last_journal
expect_refused '[no-journal]' pcipass rollback 3 --yes

# The state folder determines what pcipass does as root, so no other user may be able to write to
# it.
refused() {
  expect_refused "$1" command pcipass apply host.yaml --yes --state-dir "$2"
  expect_refused "$1" command pcipass rollback --yes --state-dir "$2"
  expect_driver $lan igb
}
cp -a $state /tmp/state
chown 1234 /tmp/state
refused 'belongs to user 1234' /tmp/state
chown 0 /tmp/state
chmod 777 /tmp/state
refused 'other users can write' /tmp/state
chmod 700 /tmp/state
chmod 666 /tmp/state/journal/14
refused 'other users can write' /tmp/state
chmod 600 /tmp/state/journal/14
ln -s /tmp/state /tmp/link
refused 'symbolic link' /tmp/link
mv /tmp/state/journal /tmp/elsewhere
ln -s /tmp/elsewhere /tmp/state/journal
refused 'symbolic link' /tmp/state
rm /tmp/state/journal
mv /tmp/elsewhere /tmp/state/journal
mv /tmp/state/lock /tmp/file
ln -s /tmp/file /tmp/state/lock
refused 'symbolic link' /tmp/state
rm /tmp/state/lock

# A journal with a changed record before others is refused as damaged.
sed -i '2s/starting/Starting/' /tmp/state/journal/14
refused '[damaged-journal]' /tmp/state
# A truncated last record, as after a power cut, counts as an interrupted apply.
cp $state/journal/14 /tmp/state/journal/14
truncate -s -9 /tmp/state/journal/14
refused '[interrupted]' /tmp/state
expect_exit 0 pcipass recover --yes --state-dir /tmp/state
expect_driver $lan vfio-pci
expect_exit 0 pcipass rollback --yes --state-dir /tmp/state

# Where systemd runs, the watchdog of an apply is a transient unit, which outlives the session of
# the apply and is restarted when it is killed.
# boot: systemd
# limit: 400
port=0000:03:00.0
host "lan $port, reserve: true" >/etc/pcipass/host.yaml
standing >before
# The snapshot has the machine ID of this host.
command pcipass snapshot >snapshot.json
expect_same "$(systemd-id128 machine-id --app-specific=2bcff401-2fc7-43bb-871b-21e08d585b45)" jq -r .machine snapshot.json
watchdogs() { systemctl list-units --plain --no-legend --state=running 'pcipass-confirm-*'; }
no_watchdog() { [ -z "$(watchdogs)" ]; }
apply="$(type -P pcipass) apply /etc/pcipass/host.yaml --yes --confirm-within"

# The apply runs in a unit whose processes are all killed then, as those of a session are.
# shellcheck disable=SC2086 # they are words
expect_exit 0 systemd-run --quiet --unit=session $apply 20s
wait_for 60 grep -qs '"ended": "success"' /var/lib/pcipass/journal/1
expect_driver $port vfio-pci
watchdogs | grep 'pcipass-confirm-1-' || fail 'the watchdog has no unit'
systemctl kill --signal=KILL session 2>/dev/null || true
wait_for 60 on igb $port
let_go
expect_end 1 undone
expect_standing before
wait_for 30 no_watchdog
# The apply and its undo have a record each in the journal of systemd, beside the output of the
# watchdog.
records() {
  journalctl --output json MESSAGE_ID=5b0f3c8e6d7a4d0c9f5e2a1b8c7d6e4f |
    jq -r '[.PCIPASS_TASK, .PCIPASS_RUN, .PCIPASS_HOST, .PCIPASS_BY, .PCIPASS_OUTCOME, .PCIPASS_EXIT_STATUS] | join(" ")'
}
expect_same 'apply 1 hv01 root done 0
apply 1 hv01 root undone 0' records

# A confirmed apply stays in effect, and its unit ends.
# shellcheck disable=SC2086
expect_exit 0 $apply 20s
expect_exit 0 command pcipass confirm
wait_for 30 no_watchdog
expect_driver $port vfio-pci
expect_exit 0 command pcipass rollback --yes

# The watchdog is killed in two ways, and the hostname changes: the unit is restarted with the same
# deadline.
# shellcheck disable=SC2086
expect_exit 0 $apply 35s
applied=$(date +%s)
deadline() { date +%s%3N --date "$(command pcipass history --format json | jq -r '.runs[0].confirmation.until')"; }
until=$(deadline)
for signal in KILL TERM; do
  process=$(command pcipass history --format json | jq '.runs[0].confirmation.watchdog')
  kill -$signal "$process"
  # shellcheck disable=SC2016 # it is JQ
  wait_for 30 sh -c 'pcipass history --format json 2>/dev/null |
    jq -e --argjson old '"$process"' ".runs[0].confirmation.watchdog | . != null and . != \$old"'
done
now=$(deadline)
change=$((now - until))
[ "${change#-}" -lt 100 ] || fail "the deadline was $until, and is $now"
# The clock is set.
date -s '+2 days'
expect_output 'rolls it back then' command pcipass plan /etc/pcipass/host.yaml
expect_driver $port vfio-pci
date -s '-2 days'
hostname dhcp-17
wait_for 60 on igb $port
[ $(($(date +%s) - applied)) -ge 35 ] || fail 'the apply was rolled back too early'
hostname hv01
let_go
expect_end "$(last_journal)" undone
expect_standing before
wait_for 30 no_watchdog

# Where no unit can be started, the apply changes nothing and leaves no journal.
last=$(last_journal)
mount --bind /etc/pcipass/host.yaml /run/systemd/private
# shellcheck disable=SC2086
expect_refused '[no-watchdog]' $apply 20s
umount /run/systemd/private
expect_same "$last" last_journal
expect_standing before

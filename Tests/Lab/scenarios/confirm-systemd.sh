# Where systemd runs the watchdog of an apply is a transient unit, which outlives whatever applied it.
# boot: systemd
# limit: 300
port=0000:03:00.0
host "lan $port, reserve: true" >/etc/pcipass/host.yaml
standing >before
watchdogs() { systemctl list-units --plain --no-legend --state=running 'pcipass-confirm-*'; }
no_watchdog() { [ -z "$(watchdogs)" ]; }

# Applied in a unit that is then killed with all that is in it, as a session is.
expect_exit 0 systemd-run --quiet --unit=session "$(type -P pcipass)" apply /etc/pcipass/host.yaml --yes --confirm-within 20s
wait_for 60 grep -qs '"ended": "success"' /var/lib/pcipass/journal/1
expect_driver $port vfio-pci
watchdogs | grep 'pcipass-confirm-1-' || fail 'there is no unit'
systemctl kill --signal=KILL session 2>/dev/null || true
wait_for 60 on igb $port
let_go
expect_end 2 success
expect_standing before
wait_for 30 no_watchdog

# Confirmed: it stays, and the unit ends.
expect_exit 0 command pcipass apply /etc/pcipass/host.yaml --yes --confirm-within 20s
expect_exit 0 command pcipass confirm
wait_for 30 no_watchdog
expect_driver $port vfio-pci
expect_exit 0 command pcipass rollback --yes

# No unit can be started: nothing is done.
mount --bind /etc/pcipass/host.yaml /run/systemd/private
expect_refused '[no-watchdog]' command pcipass apply /etc/pcipass/host.yaml --yes --confirm-within 20s
umount /run/systemd/private
expect_standing before

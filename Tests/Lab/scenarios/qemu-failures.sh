# QEMUs that do not answer, are full, belong to another user, or are not QEMU.
# limit: 600
{ host 'lan 0000:03:00.0'; guest vm 'qemu: {qmp: /tmp/vm.qmp}' 'net0 lan'; } >host.yaml
{ host 'lan 0000:03:00.0'; guest vm 'qemu: {qmp: /tmp/vm.qmp}'; } >none.yaml

# A guest that never answers is reported, and nothing is unbound.
guest-up vm deaf
expect_exit 0 pcipass apply host.yaml --yes
twin_knows '.simulation.unplug["/tmp/vm.qmp"] = "never"'
expect_refused '[unanswered]' pcipass apply none.yaml --yes --unplug-timeout 3
expect_driver 0000:03:00.0 vfio-pci
guest_has vm pcipass-net0
twin_forgets
end_guest vm
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb

# A device that was plugged in by hand is accepted as it is, and never removed.
bind_by_hand 0000:03:00.0 vfio-pci
guest-up vm answers
qmp vm device_add '{"driver": "vfio-pci", "host": "0000:03:00.0", "id": "mine", "bus": "port2"}'
expect_output '[adopted]' pcipass plan host.yaml --detailed-exitcode
expect_output '[foreign]' pcipass plan none.yaml --detailed-exitcode
guest_has vm mine
qmp vm device_del '{"id": "mine"}'
wait_for 10 guest_lost vm mine

# A guest without a free port is refused, with the device to add.
for port in 1 2 3; do qmp vm device_add "{\"driver\": \"e1000e\", \"id\": \"nic$port\", \"bus\": \"port$port\"}"; done
expect_refused 'pcie-root-port' pcipass plan host.yaml
expect_refused '[no-port]' pcipass apply host.yaml --yes

# Another client has the monitor: the state of the guest is unknown, not absent.
socat - UNIX-CONNECT:/tmp/vm.qmp >/dev/null < <(sleep 30) &
other=$!
sleep 1
expect_refused 'a monitor accepts one client at a time' command pcipass plan host.yaml
kill $other

# A socket that other users can write to, or that does not belong to a QEMU.
chmod 777 /tmp/vm.qmp
expect_refused '[unavailable]' command pcipass plan host.yaml
chmod 755 /tmp/vm.qmp
end_guest vm
socat UNIX-LISTEN:/tmp/vm.qmp,unlink-early,fork EXEC:'echo HTTP/1.1 400 Bad Request' &
sleep 1
expect_refused 'does not send valid QMP' command pcipass plan host.yaml
kill $!

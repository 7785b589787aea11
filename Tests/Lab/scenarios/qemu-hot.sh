# The hot procedure for QEMUs without libvirt, and a NIC that moves from one guest to another.
# limit: 900
has() {  # has GUEST: prints the functions that its QEMU reports, with their ids and buses
  local id
  for id in $(qmp "$1" qom-list '{"path": "/machine/peripheral"}' | jq -r '.[] | select(.type == "child<vfio-pci>").name'); do
    echo "$(qmp "$1" qom-get "{\"path\": \"/machine/peripheral/$id\", \"property\": \"host\"}" | jq -r .) $id" \
      "$(basename "$(qmp "$1" qom-get "{\"path\": \"/machine/peripheral/$id\", \"property\": \"parent_bus\"}" | jq -r .)")"
  done | sort
}
# nics A B: prints the manifests, with the claim of each guest
nics() {
  host 'lan 0000:03:00.0'
  guest a 'qemu: {qmp: /tmp/a.qmp}' ${1:+"$1"}
  guest b 'qemu: {qmp: /tmp/b.qmp}' ${2:+"$2"}
}
nics 'net0 lan' '' >host.yaml
nics '' 'net0 lan' >moved.yaml
nics '' '' >none.yaml

# A guest that does not run gets its NIC later; the steps on the host are done now.
expect_output '[waits]' pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 vfio-pci
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb

guest-up a answers
guest-up b answers
# The NIC is plugged into the guest, at a port that the plan names.
expect_output 'on port1' pcipass plan host.yaml --verbose
expect_exit 0 pcipass apply host.yaml --yes --out there.plan
expect_same '0000:03:00.0 pcipass-net0 port1' has a
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# The NIC moves to the other guest.
expect_exit 0 pcipass apply moved.yaml --yes --out moved.plan
expect_same '' has a
expect_same '0000:03:00.0 pcipass-net0 port1' has b
expect_output 'No changes.' pcipass plan moved.yaml --detailed-exitcode
expect_exit 0 pcipass rollback moved.plan --yes
expect_same '0000:03:00.0 pcipass-net0 port1' has a
expect_same '' has b

# The NIC is unplugged.
expect_exit 0 pcipass apply none.yaml --yes --out gone.plan
expect_same '' has a
expect_driver 0000:03:00.0 igb
expect_exit 0 pcipass rollback gone.plan --yes
expect_same '0000:03:00.0 pcipass-net0 port1' has a
expect_exit 0 pcipass rollback there.plan --yes
expect_driver 0000:03:00.0 igb

# A paused guest cannot release a device.
expect_exit 0 pcipass apply host.yaml --yes
qmp a stop
expect_refused '[guest-paused]' pcipass apply none.yaml --yes
qmp a cont
# A QEMU that ends releases its devices.
end_guest a
expect_output '[waits]' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:03:00.0 igb

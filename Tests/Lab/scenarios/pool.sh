# A pool has the VFs of both ports. A libvirt domain and a QEMU guest without libvirt keep their
# members through restarts, a reboot, a domain that is defined again, and a lost state folder.
# limit: 900
ports=(0000:02:00.0 0000:03:00.0)
fleet() {  # prints the manifests with this number of VFs on each port, and the claims of vm
  cat <<YAML
apiVersion: pcipass/v1
kind: HostClass
metadata: {name: lab}
spec:
  pools:
    - name: fast
      select: {id: "8086:10c9"}
      expect: {count: 2}
      virtualFunctions: {count: $1, defaults: {vlan: 120}}
---
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec: {class: lab}
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: winxp}
spec:
  hosts: {class: lab}
  nics: [{name: a, from: fast}, {name: b, from: fast}]
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: vm}
spec:
  host: hv01
  qemu: {qmp: /tmp/vm.qmp}
  nics: [$2]
YAML
}
members() { pcipass plan fleet.yaml --format json | jq -r '.assignments[] | "\(.guest).\(.guestNIC) \(.address) \(.reason)"'; }
in_vm() { qmp vm qom-get "{\"path\": \"/machine/peripheral/pcipass-$1\", \"property\": \"host\"}" | jq -r .; }
libvirt-up
domain winxp answers 3 >winxp.xml
virsh define winxp.xml
fleet 2 '{name: a, from: fast}' >fleet.yaml

# A QEMU guest that does not run may have a VF that nothing shows.
expect_refused '[unavailable]' pcipass plan fleet.yaml
expect_exit 0 pcipass apply fleet.yaml --yes --reassign
expect_same 'winxp.a 0000:03:10.0 defined
winxp.b 0000:02:10.2 defined
vm.a 0000:02:10.0 remembered' members
virsh start winxp
# shellcheck disable=SC2046
guest-up vm answers $(pcipass render vm fleet.yaml --qemu --root-ports)
expect_same '0000:02:10.0' in_vm a
expect_same '0000:02:10.2 ua-pcipass-b
0000:03:10.0 ua-pcipass-a' in_qemu winxp
expect_output 'No changes.' pcipass plan fleet.yaml --detailed-exitcode

# Another number of VFs is refused with the names of the guests; a port without guests can be changed.
fleet 3 '{name: a, from: fast}' >three.yaml
expect_refused 'winxp, live: 0000:03:10.0 as ua-pcipass-a' pcipass apply three.yaml --yes
expect_refused '/tmp/vm.qmp, live: 0000:02:10.0 as pcipass-a' pcipass plan three.yaml

# A restart changes nothing, and neither does a new name of a NIC.
virsh destroy winxp
virsh start winxp
end_guest vm
expect_output 'No changes.' pcipass plan fleet.yaml --detailed-exitcode
fleet 2 '{name: wan, from: fast}' >fleet.yaml
expect_same 'winxp.a 0000:03:10.0 running
winxp.b 0000:02:10.2 running
vm.wan 0000:02:10.0 remembered' members
expect_exit 0 pcipass apply fleet.yaml --yes
# shellcheck disable=SC2046
guest-up vm answers $(pcipass render vm fleet.yaml --qemu --root-ports)
expect_same '0000:02:10.0' in_vm wan

# As after a reboot: no guest runs, and the VFs do not exist. The domain is defined again, too.
virsh destroy winxp
virsh undefine winxp
virsh define winxp.xml
end_guest vm
for port in "${ports[@]}"; do
  echo "$port" >/sys/bus/pci/drivers/igb/unbind
  echo "$port" >/sys/bus/pci/drivers_probe
done
expect_exit 0 pcipass apply fleet.yaml --yes
expect_same 'winxp.a 0000:03:10.0 defined
winxp.b 0000:02:10.2 defined
vm.wan 0000:02:10.0 remembered' members

# Without the state folder, it is unknown what the QEMU guest has until it runs.
find /var/lib/pcipass -mindepth 1 -delete
expect_refused '[unavailable]' pcipass plan fleet.yaml
guest-up vm answers -device pcie-root-port,id=p9,chassis=99,slot=99 \
  -device vfio-pci,host=0000:02:10.0,id=pcipass-wan,bus=p9
expect_same 'winxp.a 0000:03:10.0 defined
winxp.b 0000:02:10.2 defined
vm.wan 0000:02:10.0 running' members
expect_output 'No changes.' pcipass plan fleet.yaml --detailed-exitcode
expect_exit 0 pcipass apply fleet.yaml --yes

# A claim too many is refused with who has what.
fleet 2 '{name: wan, from: fast}, {name: x, from: fast}, {name: y, from: fast}' >full.yaml
expect_refused '[pool-exhausted]' pcipass plan full.yaml
expect_refused 'winxp has it as a' pcipass plan full.yaml

# A claim that is removed is removed from the running guest.
fleet 2 '' >fleet.yaml
expect_exit 0 pcipass apply fleet.yaml --yes
guest_lost vm pcipass-wan

# The guests leave a drained port. The rollback restores them, and what pcipass remembers.
virsh start winxp
expect_exit 0 pcipass drain fast/1 fleet.yaml --out drain.plan
cp /var/lib/pcipass/assignments.json before.json
expect_exit 0 pcipass apply drain.plan --yes
expect_same '0000:02:10.0 ua-pcipass-a
0000:02:10.2 ua-pcipass-b' in_qemu winxp
expect_exit 1 cmp -s /var/lib/pcipass/assignments.json before.json
# Without a manifest among the arguments, the twin has no state of the QEMU guest.
expect_exit 0 command pcipass rollback --yes
expect_same '0000:02:10.2 ua-pcipass-b
0000:03:10.0 ua-pcipass-a' in_qemu winxp
expect_exit 0 cmp /var/lib/pcipass/assignments.json before.json
expect_output 'No changes.' pcipass plan fleet.yaml --detailed-exitcode

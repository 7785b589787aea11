# status reports each change by hand with its time; its metrics can be read; explain names the apply
# that made the current state.
# limit: 600
libvirt-up
port=0000:03:00.0 lan=0000:02:00.0
ip link set "$(interface $port)" up
domain vm answers 3 >vm.xml
virsh define vm.xml
virsh start vm
{
  host 'pool 0000:03:00.0, virtualFunctions: {count: 2}' 'lan 0000:02:00.0'
  guest vm 'net0 lan' 'dmz pool/0, mac: "52:54:00:6b:3c:58", vlan: 120'
} >host.yaml
guest idle 'net0 pool/1' >idle.yaml
domain idle answers 1 >idle.xml
virsh define idle.xml
# gone DOMAIN ADDRESS: succeeds if its QEMU does not have the function
gone() { ! in_qemu "$1" | grep -q "$2"; }

mkdir out
# look STATUS: runs `status` with JSON and metrics, and checks its exit status
look() {
  local status=0
  command pcipass status host.yaml idle.yaml --format json --metrics out/pcipass.prom >status.json || status=$?
  [ "$status" = "$1" ] || { cat status.json; fail "status ended with $status, not $1"; }
}
json() { jq -r "$1" status.json; }
# what NIC: prints its differences, one a line
what() { json ".nics[] | select(.nic == \"$1\").differences[] | [.what, .guest.name // \"-\", .observed, .desired] | join(\" | \")"; }
# metric NAME LABELS: prints its value
metric() { awk -v key="$1{$2}" 'index($0, key " ") == 1 { print $NF }' out/pcipass.prom; }
vlan() { ip -j link show "$(interface $port)" | jq '.[0].vfinfo_list[0].vlan_list[0].vlan'; }

# Before the first apply, and after it.
look 2
expect_same drifted json .state
expect_same 'vf-count | - | 0 | 2' what pool
expect_same null json .lastApply
expect_same '' metric pcipass_last_apply_success 'host="hv01"'
expect_exit 0 pcipass apply host.yaml idle.yaml --yes
look 0
expect_same in-sync json .state
expect_same 1 json .lastApply.id
expect_same 'vm running' json '.guests[] | select(.run == "running") | "\(.guest.name) \(.run)"'
expect_same running bash -c 'virsh domstate vm | head -n 1'
expect_same 1 metric pcipass_host_state 'host="hv01",state="in-sync"'
expect_same 1 metric pcipass_last_apply_success 'host="hv01"'
expect_same '' metric pcipass_drift_seconds 'host="hv01",guest="vm",nic="lan"'
labels="host=\"hv01\",nic=\"pool\",function=\"$port\""
expect_same "$(cat /sys/bus/pci/devices/$port/sriov_numvfs)" metric pcipass_vfs_configured "$labels"
expect_same "$(cat /sys/bus/pci/devices/$port/sriov_totalvfs)" metric pcipass_vfs_supported "$labels"
expect_same 644 stat -c %a out/pcipass.prom
expect_same pcipass.prom ls out
# The text format reports the same.
expect_output 'hv01: in sync' pcipass status host.yaml idle.yaml

# The running guest has lost its NIC.
virsh detach-device-alias vm ua-pcipass-net0 --live
wait_for 30 gone vm $lan
expect_driver $lan vfio-pci
expect_same '0000:02:00.0 ua-pcipass-net0 yes
0000:03:10.0 ua-pcipass-dmz yes' defined vm
look 2
expect_same 'live | vm | absent | present as net0' what lan
expect_same '' what pool/0
since=$(json '.nics[] | select(.nic == "lan").since')
expect_same 1 metric pcipass_nic_state 'host="hv01",guest="vm",nic="lan",state="drifted"'
expect_same 1 metric pcipass_nic_state 'host="hv01",guest="vm",nic="pool/0",state="in-sync"'

# Its definition has lost the NIC, too; the NIC is unbound by hand, and the VF is in another VLAN.
virsh detach-device-alias vm ua-pcipass-net0 --config
echo $lan >/sys/bus/pci/drivers/vfio-pci/unbind
ip link set "$(interface $port)" vf 0 vlan 7
expect_driver $lan none
expect_same 7 vlan
look 2
expect_same 'driver | - | none | vfio-pci
definition | vm | absent | present as net0
live | vm | absent | present as net0' what lan
expect_same 'vf-settings | vm | VLAN 7 | VLAN 120' what pool/0
# An older difference keeps the time at which it was first seen.
expect_same "$since" json '.nics[] | select(.nic == "lan").since'
later=$(json '.nics[] | select(.nic == "pool/0").since')
[[ $later > $since ]] || fail "$later is not after $since"
[ "$(metric pcipass_drift_seconds 'host="hv01",guest="vm",nic="lan"')" -ge 0 ] || fail 'no age'

# The VF that waits for its guest has the override of another tool, which a plan does not replace.
vf=$(basename "$(readlink /sys/bus/pci/devices/$port/virtfn1)")
expect_driver "$vf" vfio-pci
echo igbvf >"/sys/bus/pci/devices/$vf/driver_override"
look 2
case $(json '.nics[] | select(.nic == "pool/1").state') in
  drifted) expect_same 'override | - | igbvf | vfio-pci' what pool/1 ;;
  *) fail 'the override is not reported' ;;
esac
echo mydriver >"/sys/bus/pci/devices/$vf/driver_override"
look 3
expect_same ownership json '.nics[] | select(.nic == "pool/1").refusals[0].code'
expect_same 1 metric pcipass_guest_state 'host="hv01",guest="idle",state="blocked"'
expect_refused '[ownership]' pcipass plan host.yaml idle.yaml
echo vfio-pci >"/sys/bus/pci/devices/$vf/driver_override"

# explain names the apply that made each change, and whether the change is still in effect.
explain() { command pcipass explain "$@" --format json >explain.json; }
done_by() { jq -r '.nics[0].changes[] | ["\(.task) \(.run)", .step, .state] | join(" ")' explain.json; }
explain lan
expect_same 1 jq .manifests.apply explain.json
expect_same 'apply 1 bind/0000:02:00.0 changed
apply 1 attach/vm/net0/persistent not-in-effect
apply 1 attach/vm/net0/live not-in-effect' done_by
explain 03:10.0 host.yaml idle.yaml
expect_same given jq -r .manifests.source explain.json
expect_same 'apply 1 resize/0000:03:00.0 in-effect
apply 1 configure/0000:03:10.0 changed
apply 1 bind/0000:03:10.0 in-effect
apply 1 attach/vm/dmz/persistent in-effect
apply 1 attach/vm/dmz/live in-effect' done_by
expect_same "$(driver 0000:03:10.0)" jq -r '.nics[0].function.driver' explain.json
origin=$(awk '/from: pool\/0/ { print "host.yaml:" NR ":" index($0, "pool/0") }' host.yaml)
expect_same "$origin" jq -r '.nics[0].status.origin' explain.json
explain vm
expect_same 'pool/0
lan' jq -r '.nics[].status.nic' explain.json
expect_refused '[not-found]' pcipass explain lam host.yaml
expect_output 'no Host manifest names it' pcipass explain 0000:01:00.1 host.yaml

# An apply corrects all differences.
expect_exit 0 pcipass apply host.yaml idle.yaml --yes
look 0
expect_same 120 vlan
expect_same 2 json .lastApply.id
explain lan
expect_same 2 jq '[.nics[0].changes[].run] | min' explain.json

# Without the libvirt daemon, the devices and the state of the guests are unknown.
kill "$(pgrep -x libvirtd)"
# The end of the daemon can take long on a busy machine.
wait_for 60 bash -c "! pgrep -x libvirtd"
look 1
expect_same unknown json .state
expect_same 1 metric pcipass_observe_success 'host="hv01"'
expect_same 1 metric pcipass_guest_state 'host="hv01",guest="vm",state="unknown"'

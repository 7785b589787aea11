# `devices` agrees with lspci, sysfs, ip, ethtool, virsh and driverctl, which the scenario reads
# independently.
# limit: 300
port=0000:03:00.0
echo 2 >/sys/bus/pci/devices/$port/sriov_numvfs
ip link set "$(interface $port)" vf 1 mac 52:54:00:6b:3c:58
# libvirt learns of later devices from udev, which does not run here.
libvirt-up
domain vm answers 2 >vm.xml
virsh define vm.xml
virsh start vm
for part in 0 1; do
  IFS=:. read -r domain bus slot function <<<"$(basename "$(readlink /sys/bus/pci/devices/$port/virtfn$part)")"
  echo "<hostdev mode='subsystem' type='pci' managed='yes'><source>" \
    "<address domain='0x$domain' bus='0x$bus' slot='0x$slot' function='0x$function'/></source></hostdev>" >vf$part.xml
done
virsh attach-device vm vf0.xml --live --config
virsh attach-device vm vf1.xml --config
driverctl --nosave set-override 0000:02:00.0 vfio-pci || bind_by_hand 0000:02:00.0 vfio-pci
ip addr add 192.0.2.1/24 dev "$(interface 0000:01:00.0)"
command pcipass devices --all --format json >devices.json
# each JQ: prints a line of each function, sorted by address
each() { jq -r ".devices[] | .address + \" \" + ($1)" devices.json | sed 's/ *$//' | sort; }
same() {
  diff "$1" "$2" || fail "$1 differs from $2"
}

lspci -D -n | sed -E 's/^([^ ]+) ([0-9a-f]{4}): ([0-9a-f:]{9}).*/\1 \2 \3/' | sort >lspci.txt
each '.class[0:4] + " " + .id' >ours
same ours lspci.txt
virsh nodedev-list --cap pci | sed -nE 's/pci_(.{4})_(..)_(..)_(.)/\1:\2:\3.\4/p' | sort >nodedevs.txt
each '""' >ours
same ours nodedevs.txt
virsh nodedev-list --tree | sed -nE 's/.*[+]- pci_(.{4})_(..)_(..)_(.)$/\1:\2:\3.\4/p' | sort >tree.txt
command pcipass devices --all --tree | sed -nE 's/^[^→0-9]*(.{4}:..:..\..) .*/\1/p' | sort >ours
same ours tree.txt
for device in /sys/bus/pci/devices/*; do
  name=$(basename "$device")
  override=$(cat "$device/driver_override")
  echo "$name $(driver "$name") $override $(basename "$(readlink "$device/iommu_group")") $(cat "$device/numa_node")"
done | sort >sysfs.txt
each '(.driver // "none") + " " + (.driverOverride // "(null)") + " \(.iommuGroup) \(.numaNode // -1)"' >ours
same ours sysfs.txt
driverctl list-devices network | awk '{ print $1, $2 }' | sed 's/(none)/none/' | sort >driverctl.txt
jq -r '.devices[] | select(.class[0:2] == "02") | .address + " " + (.driver // "none")' devices.json | sort >ours
same ours driverctl.txt
for device in /sys/bus/pci/devices/*/net/*; do
  name=$(basename "$device")
  echo "$(basename "$(readlink -f "$device/../..")") $name $(ip -j link show "$name" | jq -r '.[0].address')" \
    "$(ethtool -P "$name" | sed 's/.*: //') $(ip -j link show "$name" | jq -r '.[0].flags | any(. == "UP")')"
done | sort >ip.txt
jq -r '.devices[] | .address as $a | .interfaces[]? | "\($a) \(.name) \(.mac) \(.permanentMAC) \(.up)"' devices.json | sort >ours
same ours ip.txt
for device in /sys/bus/pci/devices/*/virtfn*; do
  echo "$(basename "$(readlink "$device")") $(basename "$(dirname "$device")") ${device##*virtfn}"
done | sort >virtfns.txt
jq -r '.devices[] | select(.virtualFunction) | "\(.address) \(.virtualFunction.physicalFunction) \(.virtualFunction.index)"' devices.json | sort >ours
same ours virtfns.txt

# The guests and their devices.
jq -r '.devices[] | .address as $a | .guests[] | select(.defined) | "\($a) \(.guest.libvirt)"' devices.json >ours
defined vm | sed 's/ .*/ vm/' >theirs
same ours theirs
jq -r '.devices[] | .address as $a | .guests[] | select(.live) | "\($a) \(.guest.libvirt)"' devices.json >ours
in_qemu vm | sed 's/ .*/ vm/' >theirs
same ours theirs
verdict() { jq -r ".devices[] | select(.address == \"$1\").assignable | [.state, .refusals[0].code // \"\"] | join(\" \")" devices.json; }
expect_same 'reserved host-network' verdict 0000:01:00.0
expect_same 'available ' verdict 0000:02:00.0
expect_same 'reserved virtual-functions' verdict $port
expect_same 'in-use ' verdict 0000:03:10.0
expect_same 'in-use ' verdict 0000:03:10.2

# A plan can assign each device that is listed as available.
for address in $(jq -r '.devices[] | select(.assignable.state == "available").address' devices.json); do
  host "a $address, reserve: true" >free.yaml
  command pcipass plan free.yaml --host hv01
done
expect_refused '[host-network]' command pcipass plan --host hv01 - < <(host 'a 0000:01:00.0, reserve: true')

# The text format.
command pcipass devices
expect_output 'vm (not by pcipass, defined only)' command pcipass devices
expect_output 'in the definition and the running guest, not assigned by pcipass' command pcipass devices 0000:03:10.0
expect_same 0000:02:00.0 bash -c "command pcipass devices --free --driver vfio-pci --format csv | sed -n '2s/,.*//p'"

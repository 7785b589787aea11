# A snapshot agrees with lspci and sysfs on the NICs: ids, drivers, slots and NUMA nodes.
bind_by_hand 0000:02:00.0 vfio-pci
pcipass snapshot >snapshot.json
jq -r '.functions[] | "\(.address) \(.id) \(.driver // "none")"' snapshot.json | sort >seen
for address in 0000:01:00.0 0000:01:00.1 0000:02:00.0 0000:03:00.0; do
  id=$(lspci -D -n -s $address | cut -d ' ' -f 3)
  expect_exit 0 grep -Fx "$address $id $(driver $address)" seen
  slots=$(cd /sys/bus/pci/slots && grep -lx "${address%.*}" ./*/address | cut -d / -f 2)
  [ -n "$slots" ] || fail "$address is in no slot"
  expect_same "$slots" jq -r ".functions[] | select(.address == \"$address\").slots[]" snapshot.json
done
expect_same "0 $(cat /sys/devices/system/node/node0/cpulist)" \
  jq -r '.kernel.numaNodes[] | "\(.node) \(.cpus)"' snapshot.json
expect_same 'null' jq '.unreadable' snapshot.json

# VFs are in the slot of their PF. ACPI has slots with the numbers of the VFs' devices, too.
port=0000:03:00.0
echo 2 >/sys/bus/pci/devices/$port/sriov_numvfs
pcipass snapshot >vfs.json
slots_of() { jq -c ".functions[] | select(.address == \"$1\").slots" vfs.json; }
expect_same "$(slots_of $port)" slots_of 0000:03:10.0
expect_same "$(slots_of $port)" slots_of 0000:03:10.2
echo 0 >/sys/bus/pci/devices/$port/sriov_numvfs

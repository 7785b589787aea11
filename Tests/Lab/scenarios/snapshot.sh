# A snapshot agrees with lspci and the links in sysfs on the NICs.
bind_by_hand 0000:02:00.0 vfio-pci
pcipass snapshot >snapshot.json
jq -r '.functions[] | "\(.address) \(.id) \(.driver // "none")"' snapshot.json | sort >seen
for address in 0000:01:00.0 0000:01:00.1 0000:02:00.0 0000:03:00.0; do
  id=$(lspci -D -n -s $address | cut -d ' ' -f 3)
  expect_exit 0 grep -Fx "$address $id $(driver $address)" seen
done

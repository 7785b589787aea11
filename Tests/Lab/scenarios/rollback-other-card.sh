# The power fails during an apply, and the host boots with its cards in other slots: another card of
# the same model is at one address, a card of another model at the other. Neither is bound or added
# to the guest's definition.
# boot: moved
# limit: 300
twin=0000:02:00.0 other=0000:03:00.0
mac() { cat "/sys/class/net/$(interface "$1")/address"; }
libvirt-up
cd /disk || exit
if [ ! -e moved ]; then
  domain vm answers 2 >vm.xml
  virsh define vm.xml
  host "twin $twin" "other $other, expect: {id: '8086:10c9'}" |
    sed "s/address: \"$twin\"/&, mac: \"$(mac $twin)\"/" >nics.yaml
  { cat nics.yaml; guest vm 'net0 twin' 'net1 other'; } >host.yaml
  { cat nics.yaml; guest vm; } >none.yaml
  expect_exit 0 pcipass plan host.yaml --out saved.plan
  expect_exit 0 pcipass apply host.yaml --yes
  expect_same "$twin ua-pcipass-net0 yes
$other ua-pcipass-net1 yes" defined vm
  # All four steps are done, and the end of the run is not recorded.
  killed_at write:/var/lib/pcipass/journal/2 10 apply none.yaml --yes
  cat output
  let_go
  expect_same '' defined vm
  expect_driver $twin igb
  expect_driver $other igb
  mac $twin >moved
  sync -f /disk
  echo b >/proc/sysrq-trigger
  sleep 100
fi

# The cards have moved: the same model with another MAC address, and another model.
[ "$(mac $twin)" != "$(cat moved)" ]
expect_driver $twin igb
expect_driver $other e1000e
virsh dumpxml --inactive vm >before.xml
unchanged() {
  virsh dumpxml --inactive vm | diff before.xml -
  expect_driver $twin igb
  expect_driver $other e1000e
}
expect_refused '[select]' pcipass plan host.yaml
expect_refused '[expect]' pcipass plan host.yaml
expect_refused '[not-recovered]' pcipass recover --yes
expect_refused '[changed]' pcipass recover --yes
unchanged
expect_exit 0 pcipass recover --leave --yes
unchanged
for target in '' '--target nic/twin' '--target nic/other'; do
  # shellcheck disable=SC2086 # two words
  expect_refused '[changed]' pcipass rollback 2 $target --yes
done
expect_refused '[stale]' pcipass apply saved.plan --yes
unchanged

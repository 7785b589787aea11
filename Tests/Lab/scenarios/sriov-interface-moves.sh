# A VF that a running guest has as an interface moves to another running guest with its MAC address
# and VLAN. Changed values in the manifest wait for the next start of the guest.
# limit: 300
port=0000:03:00.0 vf=0000:03:10.0
name=$(interface $port)
ip link set "$name" up
# vf: prints the settings of the VF at the PF, from ip(8)
vf() { ip -j link show "$name" | jq -c '.[0].vfinfo_list[0] | [.address, .vlan_list[0].vlan]'; }
# of DOMAIN [OPTION]: prints MAC address and VLAN of its interfaces of type hostdev
of() { virsh dumpxml "$@" | sed -n "/<interface type='hostdev'/,/<\/interface>/p" | sed -nE "s/.*<(mac|tag) (address|id)='([^']*)'.*/\3/p" | paste -sd' '; }
libvirt-up
for domain in a b; do
  domain $domain answers 1 >$domain.xml
  virsh define $domain.xml
  virsh start $domain
done
# assigned GUEST CLAIM: prints the manifests in which that guest claims the VF
assigned() {
  host "pool $port, virtualFunctions: {count: 1}"
  for domain in a b; do
    if [ $domain = "$1" ]; then guest $domain "net0 pool/0, $2"; else guest $domain; fi
  done
}
assigned a 'as: interface, mac: "52:54:00:6b:3c:58", vlan: 120' >first.yaml
assigned a 'as: interface, mac: "52:54:00:6b:3c:59", vlan: 130' >other.yaml
assigned b 'mac: "52:54:00:6b:3c:58", vlan: 120' >moved.yaml
expect_exit 0 pcipass apply first.yaml --yes
expect_same '["52:54:00:6b:3c:58",120]' vf
expect_same '52:54:00:6b:3c:58 120' of a
expect_same "$vf ua-pcipass-net0" in_qemu a

# Another MAC address and VLAN are in the definition; the running guest and the PF keep the old
# ones.
expect_output '[waits]' pcipass apply other.yaml --yes --out other.plan
expect_same '["52:54:00:6b:3c:58",120]' vf
expect_same '52:54:00:6b:3c:58 120' of a
expect_same '52:54:00:6b:3c:59 130' of a --inactive
expect_same "$vf ua-pcipass-net0" in_qemu a
expect_output 'No changes.' pcipass plan other.yaml --detailed-exitcode
expect_exit 0 pcipass rollback other.plan --yes
expect_same '52:54:00:6b:3c:58 120' of a --inactive
expect_same '["52:54:00:6b:3c:58",120]' vf
expect_exit 0 pcipass apply other.yaml --yes
virsh destroy a
virsh start a
expect_same '["52:54:00:6b:3c:59",130]' vf
expect_same "$vf ua-pcipass-net0" in_qemu a

# The VF moves to another running guest. libvirt restores the former settings of the VF, which only
# libvirt has recorded.
twin_knows ".simulation.interfaceFrom[\"$vf\"] = {mac: \"00:00:00:00:00:00\", vlan: 0}"
expect_exit 0 pcipass apply moved.yaml --yes
expect_same '["52:54:00:6b:3c:58",120]' vf
expect_same '' in_qemu a
expect_same '' of a --inactive
expect_same "$vf ua-pcipass-net0" in_qemu b
expect_same "$vf ua-pcipass-net0 yes" defined b
expect_output 'No changes.' pcipass plan moved.yaml --detailed-exitcode

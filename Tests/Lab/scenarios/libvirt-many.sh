# Guests are added, removed and renamed by hand; one has no definition; two hundred exist.
# limit: 400
libvirt-up
odd=$'it\'s "the" old café & <co>'
domain "it's \"the\" old café &amp; &lt;co&gt;" answers 1 >odd.xml
virsh create odd.xml
for name in kept away; do
  domain $name answers 1 >$name.xml
  virsh define $name.xml
done
cat >host.yaml <<'END'
apiVersion: pcipass/v1
kind: Host
metadata: {name: hv01}
spec:
  nics:
    - name: lan
      select: {address: "0000:03:00.0"}
    - name: wan
      select: {address: "0000:02:00.0"}
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: passing}
spec:
  host: hv01
  libvirt: {domain: "it's \"the\" old café & <co>"}
  nics: [{name: net0, from: lan}]
---
apiVersion: pcipass/v1
kind: Guest
metadata: {name: kept}
spec:
  host: hv01
  nics: [{name: net0, from: wan}]
END
sed 's/nics: \[{.*/nics: []/' host.yaml >none.yaml

# A device that was added by hand to a guest without a definition cannot be marked, and is accepted
# without a mark.
cat >lan.xml <<'END'
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>
</hostdev>
END
virsh attach-device "$odd" lan.xml --live
expect_output '[adopted]' pcipass plan host.yaml --target guest/passing --detailed-exitcode
virsh detach-device "$odd" lan.xml --live
wait_for 30 on igb 0000:03:00.0

# A saved plan stays valid when other guests change.
expect_exit 0 pcipass plan host.yaml --out both.plan
virsh domrename away gone
virsh undefine gone
expect_exit 0 pcipass apply both.plan --yes
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu "$odd"
expect_same '0000:03:00.0 ua-pcipass-net0 yes' runs "$odd"
expect_same '0000:02:00.0 ua-pcipass-net0 yes' defined kept

# A renamed guest is found by its new name, and a plan for the old name is stale.
expect_exit 0 pcipass plan none.yaml --out none.plan
virsh domrename kept "née 'kept'"
expect_refused '[stale]' pcipass apply none.plan --yes
sed -i "\$i\  libvirt: {domain: \"née 'kept'\"}" host.yaml none.yaml
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode
expect_exit 0 pcipass apply none.yaml --yes
expect_driver 0000:02:00.0 igb
expect_driver 0000:03:00.0 igb
expect_same '' in_qemu "$odd"
expect_same '' defined "née 'kept'"

# The guests are removed after the apply: the rollback undoes what is left, the bindings.
expect_exit 0 pcipass apply host.yaml --yes --out again.plan
virsh destroy "$odd"
virsh undefine "née 'kept'"
expect_refused '[guest-missing]' pcipass plan host.yaml
expect_exit 0 pcipass rollback again.plan --yes
expect_driver 0000:02:00.0 igb
expect_driver 0000:03:00.0 igb

# Two hundred guests. Without a twin: it would take as long again.
for number in $(seq 200); do
  sed "s/<name>.*</<name>guest$number</" away.xml >"guest$number.xml"
  echo "define guest$number.xml"
done >commands
virsh <commands >/dev/null
{ host 'lan 0000:03:00.0'; guest guest7 'net0 lan'; } >seven.yaml
time expect_exit 2 command pcipass plan seven.yaml --detailed-exitcode

# Some guests are removed while all are read.
seq -f 'undefine guest%.0f' 100 200 | virsh >/dev/null &
undefine=$!
while kill -0 $undefine 2>/dev/null; do
  command pcipass snapshot >/dev/null
done
wait $undefine
expect_exit 0 command pcipass apply seven.yaml --yes
expect_same '0000:03:00.0 ua-pcipass-net0 yes' defined guest7

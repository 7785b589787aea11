# render adds NICs to domain XML that is kept elsewhere, and libvirt accepts it with virsh create,
# without a definition.
# limit: 240
libvirt-up
domain winxp answers 1 '<!-- kept in git -->' >winxp.xml
{ host 'lan 90:e2:ba:00:cd:ee'; guest winxp 'net0 lan'; } >host.yaml
expect_exit 0 pcipass render winxp host.yaml --xml winxp.xml >new.xml
expect_exit 1 diff winxp.xml new.xml
diff winxp.xml new.xml | expect_exit 1 grep '^<'
virsh create new.xml
expect_driver 0000:03:00.0 vfio-pci
expect_same '0000:03:00.0 ua-pcipass-net0' in_qemu winxp
expect_output 'No changes.' pcipass plan host.yaml --detailed-exitcode

# A device without a claim is removed, and each byte of the rest stays.
{ host 'lan 90:e2:ba:00:cd:ee'; guest winxp; } >host.yaml
expect_exit 0 pcipass render winxp host.yaml --xml new.xml >old.xml
expect_exit 0 cmp winxp.xml old.xml
twin_knows '.simulation.managedFrom["0000:03:00.0"] = "igb"'
expect_exit 0 pcipass apply host.yaml --yes
expect_driver 0000:03:00.0 igb
expect_same '' in_qemu winxp

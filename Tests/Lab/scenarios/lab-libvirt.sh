# libvirtd runs guests in the lab: it binds a managed hostdev to vfio-pci, and back at the detach.
# limit: 240
libvirt-up
cat >nic.xml <<'END'
<hostdev mode='subsystem' type='pci' managed='yes'>
  <source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>
  <alias name='ua-lan'/>
</hostdev>
END
cat >vm.xml <<'END'
<domain type='qemu'>
  <name>vm</name>
  <memory unit='MiB'>64</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='rom'>/lab/roms/answers.bin</loader>
  </os>
  <features><acpi/></features>
  <devices>
    <controller type='usb' model='none'/>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' model='pcie-root-port'/>
    <controller type='pci' model='pcie-root-port'/>
    <memballoon model='none'/>
  </devices>
</domain>
END
virsh define vm.xml
virsh start vm
virsh attach-device vm nic.xml --live
expect_driver 0000:03:00.0 vfio-pci
expect_output ua-lan virsh dumpxml vm

virsh detach-device vm nic.xml --live
on_igb() { [ "$(driver 0000:03:00.0)" = igb ]; }
wait_for 30 on_igb
expect_exit 1 grep -q ua-lan <(virsh dumpxml vm)

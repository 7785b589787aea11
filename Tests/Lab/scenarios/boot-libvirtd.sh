# A host with systemd, udev, networkd and libvirtd is restarted: what was confirmed is there before its guests
# start, what was not is undone, and a card that is missing or another one, or a NIC that was given back to the host,
# is left. The scenario starts from scratch at each start of the machine; only /disk remains.
# boot: host-libvirtd
# limit: 400
# shellcheck source=Tests/Lab/booted.sh
. /lab/booted.sh
lan=0000:03:00.0
{
  host "pool $pool, virtualFunctions: {count: 4}" "lan $lan" \
    'first 0000:01:00.0, reserve: true' 'second 0000:01:00.1, reserve: true'
  claims "e lan"
} >host.yaml

case $part in
  1)
    define_guests
    # Until here nothing is recorded.
    booted_with 0
    expect_exit 0 command pcipass apply host.yaml --yes
    expect_same "$all_set" vfs
    restart 2
    ;;
  2)
    booted_with 0
    await_both
    expect_same "$all_set" vfs
    expect_same $'0000:02:10.0 ua-pcipass-a\n0000:02:10.2 ua-pcipass-b' in_qemu vm1
    expect_same $'0000:02:10.4 ua-pcipass-c\n0000:02:10.6 ua-pcipass-d\n0000:03:00.0 ua-pcipass-e' in_qemu vm2
    expect_output 'in sync' command pcipass status host.yaml
    # It was there before the network and libvirt, and networkd never saw the NICs that guests have.
    before_others systemd-networkd.service libvirtd.service
    untouched systemd-networkd.service 'enp[13]s0' 90:e2:ba:00:cd:ee 54:89:98:f6:f9:bd 54:89:98:f6:f9:be

    # An operator gives the NIC of vm2 back to the host by hand.
    virsh destroy vm2
    virsh detach-device-alias vm2 ua-pcipass-e --config
    echo $lan >/sys/bus/pci/drivers/vfio-pci/unbind
    echo >/sys/bus/pci/devices/$lan/driver_override
    echo $lan >/sys/bus/pci/drivers_probe
    expect_driver $lan igb
    expect_exit 2 command pcipass status host.yaml
    restart 3
    ;;
  3)
    booted_with 0
    boot_said '[boot-given-back]'
    expect_driver $lan igb
    await_both
    expect_same "$all_set" vfs

    # An apply gives that NIC to another guest, and the power fails before it is confirmed. When the power is back,
    # the card of the VFs is missing.
    domain vm3 answers 2 >vm3.xml
    virsh define vm3.xml
    virsh autostart vm3
    virsh start vm3
    { sed '/^---/,$d' host.yaml; guest vm3 'x lan'; } >third.yaml
    expect_exit 0 command pcipass apply third.yaml --target nic/lan --yes --confirm-within 1h
    expect_same '0000:03:00.0 ua-pcipass-x' in_qemu vm3
    echo "$pool" >/disk/removed
    echo 4 >/disk/part
    sync
    echo b >/proc/sysrq-trigger
    sleep 100
    ;;
  4)
    # The NIC is at the host at once; the definition is restored when libvirt answers, and vm3 is started then.
    boot_said 'Started vm3.' pcipass-boot-guests.service
    expect_same 5 unit pcipass-boot-guests.service ExecMainStatus
    expect_driver $lan igb
    expect_same '' defined vm3
    expect_same '' in_qemu vm3
    expect_end "$(last_journal)" undone
    # What the missing card does not concern is there, and guests with its VFs are not started.
    booted_with 5
    boot_said '[boot-missing]'
    expect_driver 0000:01:00.0 vfio-pci
    expect_same vm3 running
    expect_refused '[guest-held]' virsh start vm1
    expect_output 'pcipass_boot_failed{host="hv01"} 5' metrics
    # Other cards are in the slots at the next start.
    rm /disk/removed
    echo LAB-CARDS-MOVED >/dev/ttyS1
    restart 5
    ;;
  5)
    booted_with 5
    boot_said '[boot-replaced]'
    expect_driver 0000:01:00.0 igb
    expect_driver 0000:02:00.0 igb
    expect_driver 0000:03:00.0 e1000e
    expect_same '[]' vfs
    expect_same vm3 running
    ;;
esac

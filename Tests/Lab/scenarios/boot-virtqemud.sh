# The same with NetworkManager, and the units and the socket of virtqemud: VFs survive a restart of the host, and an
# apply that was interrupted is undone.
# boot: host-virtqemud
# limit: 400
# shellcheck source=Tests/Lab/booted.sh
. /lab/booted.sh
nics=(
  "pool $pool, virtualFunctions: {count: 4}" 'lan 0000:03:00.0'
  'first 0000:01:00.0, reserve: true' 'second 0000:01:00.1, reserve: true'
)
{ host "${nics[@]}"; claims; } >host.yaml

case $part in
  1)
    define_guests
    expect_exit 0 command pcipass apply host.yaml --yes
    expect_same "$all_set" vfs
    # An apply is killed when the definition of vm2 has a NIC that it must not start with.
    { host "${nics[@]}"; claims 'x lan, hotplug: false'; } >more.yaml
    killed_at fsync:/var/lib/pcipass/journal/2 5 apply more.yaml --yes
    defined vm2 | grep ua-pcipass-x
    expect_driver 0000:03:00.0 vfio-pci
    restart 2
    ;;
  2)
    booted_with 0
    before_others NetworkManager.service virtqemud.service
    untouched NetworkManager.service enp1s0 54:89:98:f6:f9:bd 54:89:98:f6:f9:be
    await_both
    expect_same "$all_set" vfs
    expect_same $'0000:02:10.0 ua-pcipass-a\n0000:02:10.2 ua-pcipass-b' in_qemu vm1
    expect_same $'0000:02:10.4 ua-pcipass-c\n0000:02:10.6 ua-pcipass-d' in_qemu vm2
    expect_driver 0000:03:00.0 igb
    expect_end "$(last_journal)" undone
    expect_output 'in sync' command pcipass status host.yaml
    ;;
esac

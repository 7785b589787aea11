import HostModel
import TestSupport
import Testing

@testable import Hosts

/// Functions that a definition passes to QEMU by arguments that libvirt does not interpret.
@Suite("A function in a QEMU argument")
struct DeviceArgumentTests {
  @Test(
    "is found in each spelling",
    arguments: [
      ("vfio-pci,host=03:00.0,bus=pcie.0,addr=0x10", "03:00.0", nil),
      ("vfio-pci,host=0000:03:00.0,id=nic0", "03:00.0", "nic0"), ("vfio-pci,id=a,host=3:0.0", "03:00.0", "a"),
      ("vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:03:00.0", "03:00.0", nil),
      ("vfio-pci-nohotplug,host=03:00.0", "03:00.0", nil),
      ("pci-assign,host=03:00.0,id=old", "03:00.0", "old"),
      (#"{"driver":"vfio-pci","host":"0000:03:00.0","id":"hostdev0"}"#, "03:00.0", "hostdev0"),
    ] as [(String, String, String?)])
  func seen(value: String, address: String, id: String?) {
    for name in ["-device", "--device"] {
      let found = DeviceArgument.hostdevs(in: ["-S", name, value, "-no-reboot"])
      #expect(
        found.map(\.address) == [pci(address)] && found.first?.alias == id
          && found.first?.isCommandLineArgument == true)
    }
  }

  @Test(
    "is not found in other arguments",
    arguments: [
      "virtio-net,host=03:00.0", "vfio-pci", "vfio-pci,host=", "vfio-pci,host=zz:00.0", "vfio-pci,host=03:00",
      "vfio-pci,host=03:40.0", "{", "{}", "[]", "", ",", "vfio-pci,host=1:2:3:4.5",
    ])
  func unseen(value: String) {
    #expect(DeviceArgument.hostdevs(in: ["-device", value]) == [])
    #expect(DeviceArgument.hostdevs(in: ["-chardev", "vfio-pci,host=03:00.0"]) == [])
  }
}

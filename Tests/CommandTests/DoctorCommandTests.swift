import Foundation
import TestSupport
import Testing

@Suite("pcipass doctor")
struct DoctorCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("prints the findings of a snapshot as text and as JSON", arguments: ["text", "json"])
  func snapshot(format: String) throws {
    let result = try Pcipass.run("doctor", "--state", "manifests/captures/hv01.json", "--format", format)
    #expect(result.status == 2 && result.error == "")
    try expectGolden(result.output, "doctor-hv01.\(format == "json" ? "json" : "txt")")
  }

  @Test("finds more in a file tree: the setting that disables the IOMMU, modules, other tools")
  func tree() throws {
    let result = try Pcipass.run("doctor", "--sysfs-root", try hostWithoutIOMMU())
    #expect(result.status == 2 && result.error == "")
    try expectGolden(result.output.replacing(folder.url.path, with: "DIR"), "doctor-tree.txt")
  }

  @Test("exits with 0 without findings, 2 with findings, 1 on errors, 64 on wrong usage")
  func statuses() throws {
    let host = try folder.simulated("hv03")
    #expect(try Pcipass.run("doctor", "--simulate", host).status == 0)
    #expect(try Pcipass.run("doctor", "manifests", "--simulate", host).status == 0)
    #expect(try Pcipass.run("doctor", "--state", "/nowhere").status == 1)
    #expect(try Pcipass.run("doctor", "--sysfs-root", "/nowhere").status == 1)
    #expect(try Pcipass.run("doctor", "--simulate", host, "--state", host).status == 64)
  }

  @Test(
    "prints hostile names of a file tree without invisible characters", arguments: ["text", "json"])
  func hostile(format: String) throws {
    let name = "\u{1B}]52;c;eA==\u{7}\u{9B}31m\u{202E}"
    let root = try hostWithoutIOMMU()
    try write("etc/driverctl.d/pci-0000:03:00.0", name + "\n")
    try write("etc/modprobe.d/\(name).conf", "options vfio-pci ids=\(name)\n")
    try write("proc/sys/kernel/osrelease", name + "\n")
    try write("proc/cmdline", "intel_iommu=off pcie_acs_override=\(name)\n")
    let result = try Pcipass.run("doctor", "--sysfs-root", root, "--format", format)
    #expect(result.status == 2)
    for text in [result.output, result.error] {
      #expect(
        HostileNames.invisibleCharacters(in: text) == [] && !text.contains("\t"), "\(text.debugDescription)")
    }
  }

  private func write(_ path: String, _ text: String) throws {
    let url = folder.url.appending(path: "root/" + path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Returns the file tree of a host with one NIC, on which a parameter in the GRUB settings
  /// disables the IOMMU.
  private func hostWithoutIOMMU() throws -> String {
    let device = "sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0"
    for (path, text) in [
      ("proc/sys/kernel/hostname", "hv09\n"), ("proc/sys/kernel/osrelease", "6.12.0-amd64\n"),
      ("proc/cmdline", "ro quiet intel_iommu=off\n"), ("proc/modules", ""),
      ("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx\n"),
      ("proc/interrupts", "  2:  9  IO-APIC  2-edge  timer\n"),
      ("proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"),
      ("sys/firmware/acpi/tables/DMAR", ""), ("sys/bus/pci/drivers/igb/bind", ""),
      (
        "etc/default/grub",
        "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"ro intel_iommu=off\"\n"
      ),
      ("lib/modules/6.12.0-amd64/modules.builtin", ""),
      ("lib/modules/6.12.0-amd64/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko.xz:\n"),
      ("etc/driverctl.d/pci-0000:03:00.0", "vfio-pci\n"),
      ("etc/modprobe.d/vfio.conf", "# cards\noptions vfio-pci ids=8086:10c9\n"),
      (device + "/uevent", "PCI_CLASS=20000\nPCI_ID=8086:10C9\nPCI_SUBSYS_ID=8086:A03C\n"),
      (device + "/driver_override", "(null)\n"),
    ] { try write(path, text) }
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "root/sys/bus/pci/devices"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("root/sys/bus/pci/devices/0000:03:00.0"),
      withDestinationPath: "../../../devices/pci0000:00/0000:00:01.0/0000:03:00.0")
    return folder.path("root")
  }
}

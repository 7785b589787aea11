import HostModel
import Planning
import TestSupport
import Testing

@Suite("A host without an IOMMU")
struct IOMMUTests {
  private let reserved = "name: lan, select: {address: '0000:03:00.0'}, reserve: true"

  private func refusal(
    _ processor: Kernel.Processor, _ commandLine: Observed<String>, _ files: [String]
  ) throws -> Refusal {
    let state = state([nic("03:00.0") { $0.iommuGroup = nil }]) {
      $0.kernel.processor = processor
      $0.kernel.commandLine = commandLine
      $0.kernel.bootLoaderFiles = files
    }
    let plan = plan(host(reserved), on: state)
    #expect(plan.codes == [.iommuOff] && plan.ids == [])
    #expect(plan.refusals.first?.message == "0000:03:00.0 is in no IOMMU group: the IOMMU is off")
    return try #require(plan.refusals.first)
  }

  @Test(
    "on Intel: the kernel parameter, and where it goes",
    arguments: [
      (["/etc/default/grub"], "to GRUB_CMDLINE_LINUX in /etc/default/grub (then update-grub)"),
      (
        ["/etc/default/grub", "/boot/grub2/grub.cfg"],
        "to GRUB_CMDLINE_LINUX in /etc/default/grub (then grub2-mkconfig -o /boot/grub2/grub.cfg)"
      ),
      (
        ["/etc/kernel/cmdline"],
        "to /etc/kernel/cmdline (then reinstall the kernel's boot entry: kernel-install add-all, or "
          + "proxmox-boot-tool refresh on Proxmox)"
      ),
      (
        ["/boot/loader/entries/a.conf"],
        "to the options line of /boot/loader/entries/a.conf (or by grubby --update-kernel=ALL --args=…)"
      ),
      (["/efi/loader/entries/a.conf"], "to the options line of /efi/loader/entries/a.conf"),
      (["/boot/extlinux/extlinux.conf"], "to the append line in /boot/extlinux/extlinux.conf"),
      (["/boot/firmware/cmdline.txt"], "to /boot/firmware/cmdline.txt"),
      (["/boot/grub/grub.cfg"], "to the linux line in /boot/grub/grub.cfg"),
      ([], "to the boot loader's configuration (none was found in the usual places)"),
    ])
  func intel(files: [String], place: String) throws {
    let refusal = try refusal(.intel, .known("quiet"), files)
    #expect(
      refusal.help
        == "enable VT-d in the firmware, add the kernel parameter intel_iommu=on \(place), and reboot")
    #expect(refusal.details == [])
  }

  @Test("on Intel with the parameter set already, only the firmware is left")
  func intelFirmware() throws {
    let refusal = try refusal(.intel, .known("ro intel_iommu=on iommu=pt"), ["/etc/default/grub"])
    #expect(refusal.help == "enable VT-d in the firmware (BIOS)")
    #expect(refusal.details == ["intel_iommu=on is set, so the firmware hides the IOMMU"])
  }

  @Test("what switches it off is named, and to be removed", arguments: ["intel_iommu=off", "iommu=off"])
  func intelOff(word: String) throws {
    let refusal = try refusal(.intel, .known("quiet \(word)"), ["/etc/default/grub"])
    #expect(refusal.details == ["the kernel was started with \(word)"])
    #expect(
      refusal.help
        == "enable VT-d in the firmware, remove \(word) and add the kernel parameter intel_iommu=on "
        + "to GRUB_CMDLINE_LINUX in /etc/default/grub (then update-grub), and reboot")
  }

  @Test("on AMD no parameter is asked for: the kernel uses what the firmware shows")
  func amd() throws {
    let help = try #require(try refusal(.amd, .known("quiet"), ["/etc/default/grub"]).help)
    #expect(
      help.hasPrefix("enable AMD-Vi (IOMMU) in the firmware (BIOS); the kernel needs no parameter for it"))
    #expect(!help.contains("amd_iommu=on") && !help.contains("intel_iommu"))
    let off = try refusal(.amd, .known("amd_iommu=off"), ["/etc/default/grub"])
    #expect(off.details == ["the kernel was started with amd_iommu=off"])
    #expect(off.help?.hasPrefix("remove the kernel parameter amd_iommu=off ") ?? false)
  }

  @Test("on Arm it is the firmware's tables, elsewhere both ways are named")
  func others() throws {
    #expect(
      try refusal(.arm, .known("quiet"), []).help
        == "enable the SMMU in the firmware (it must appear in ACPI's IORT or the device tree)")
    #expect(
      try refusal(.other, .known("quiet"), []).help?.contains(
        "on Intel, add the kernel parameter intel_iommu=on") ?? false)
  }

  @Test("a command line that could not be read is said to be unknown")
  func unknownCommandLine() throws {
    let refusal = try refusal(.intel, .unavailable("no /proc/cmdline"), [])
    #expect(refusal.details == ["the kernel's command line is not known: no /proc/cmdline"])
  }

  @Test("pci-stub, and a NIC that the host keeps, need no IOMMU")
  func notNeeded() {
    let state = state([nic("03:00.0") { $0.iommuGroup = nil }])
    #expect(plan(host(reserved + ", driver: pci-stub"), on: state).codes == [])
    #expect(plan(host("name: lan, select: {address: '0000:03:00.0'}"), on: state).codes == [])
  }
}

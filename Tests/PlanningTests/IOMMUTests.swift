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
    #expect(plan.refusals.first?.message.names("0000:03:00.0") == true)
    return try #require(plan.refusals.first)
  }

  @Test(
    "on Intel, the help names the kernel parameter and the file for it",
    arguments: [
      (["/etc/default/grub"], ["GRUB_CMDLINE_LINUX", "/etc/default/grub", "update-grub"]),
      (
        ["/etc/default/grub", "/boot/grub2/grub.cfg"],
        ["GRUB_CMDLINE_LINUX", "/etc/default/grub", "grub2-mkconfig -o /boot/grub2/grub.cfg"]
      ),
      (
        ["/etc/kernel/cmdline"],
        ["/etc/kernel/cmdline", "kernel-install add-all", "proxmox-boot-tool refresh"]
      ),
      (
        ["/boot/loader/entries/a.conf"],
        ["/boot/loader/entries/a.conf", "grubby --update-kernel=ALL --args="]
      ),
      (["/efi/loader/entries/a.conf"], ["/efi/loader/entries/a.conf"]),
      (["/boot/extlinux/extlinux.conf"], ["/boot/extlinux/extlinux.conf"]),
      (["/boot/firmware/cmdline.txt"], ["/boot/firmware/cmdline.txt"]),
      (["/boot/grub/grub.cfg"], ["/boot/grub/grub.cfg"]), ([], []),
    ])
  func intel(files: [String], values: [String]) throws {
    let refusal = try refusal(.intel, .known("quiet"), files)
    #expect(refusal.help.names(["VT-d", "intel_iommu=on"] + values))
    #expect(refusal.details == [])
  }

  @Test("on Intel with the parameter set, the help names the firmware setting")
  func intelFirmware() throws {
    let refusal = try refusal(.intel, .known("ro intel_iommu=on iommu=pt"), ["/etc/default/grub"])
    #expect(refusal.help.names("VT-d"))
    #expect(refusal.details.names(["intel_iommu=on"]))
  }

  @Test(
    "a parameter that switches the IOMMU off is named, with the help to remove it",
    arguments: ["intel_iommu=off", "iommu=off"])
  func intelOff(word: String) throws {
    let refusal = try refusal(.intel, .known("quiet \(word)"), ["/etc/default/grub"])
    #expect(refusal.details.names([word]))
    #expect(
      refusal.help.names(
        "VT-d", word, "intel_iommu=on", "GRUB_CMDLINE_LINUX", "/etc/default/grub", "update-grub"))
  }

  @Test("on AMD, the help names only the firmware setting and a parameter to remove")
  func amd() throws {
    let help = try #require(try refusal(.amd, .known("quiet"), ["/etc/default/grub"]).help)
    #expect(help.names("AMD-Vi"))
    #expect(!help.contains("amd_iommu=on") && !help.contains("intel_iommu"))
    let off = try refusal(.amd, .known("amd_iommu=off"), ["/etc/default/grub"])
    #expect(off.details.names(["amd_iommu=off"]))
    #expect(off.help.names("amd_iommu=off"))
  }

  @Test("on Arm, the help names the SMMU; on an unknown processor, Intel's parameter, too")
  func others() throws {
    #expect(try refusal(.arm, .known("quiet"), []).help.names("SMMU"))
    #expect(try refusal(.other, .known("quiet"), []).help.names("intel_iommu=on"))
  }

  @Test("a kernel command line that cannot be read is named in the details")
  func unknownCommandLine() throws {
    let refusal = try refusal(.intel, .unavailable("no /proc/cmdline"), [])
    #expect(refusal.details.names(["/proc/cmdline"]))
  }

  @Test("pci-stub and a NIC that stays with the host need no IOMMU")
  func notNeeded() {
    let state = state([nic("03:00.0") { $0.iommuGroup = nil }])
    #expect(plan(host(reserved + ", driver: pci-stub"), on: state).codes == [])
    #expect(plan(host("name: lan, select: {address: '0000:03:00.0'}"), on: state).codes == [])
  }
}

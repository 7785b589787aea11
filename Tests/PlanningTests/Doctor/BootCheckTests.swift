import HostModel
import Planning
import TestSupport
import Testing

@Suite("Doctor, on the boot of a host")
struct BootCheckTests {
  private static let enabled = Dictionary(
    uniqueKeysWithValues: BootSetup.unitNames.map { ($0, BootSetup.Unit.enabled) })

  private func codes(
    _ setup: BootSetup?, libvirt version: VersionNumber? = VersionNumber(11, 3), hasGuest: Bool = true
  ) -> [String: Check.Level] {
    var survey = Survey(unknown: "not read")
    survey.bootSetup = setup.map { .known($0) } ?? .unavailable("not root")
    if let version { survey.libvirt = .known(LibvirtService(uri: nil, version: version, qemu: nil)) }
    let state = state([nic("03:00.0")])
    let diagnosis = Doctor.examine(HostIndex(state), survey, alsoAssigned: hasGuest ? [pci("03:00.0")] : [])
    let own = diagnosis.checks.filter { $0.code.section == .boot }
    return Dictionary(own.map { ($0.code.rawValue, $0.severity) }, uniquingKeysWith: { one, _ in one })
  }

  @Test("finds units that are not enabled, and a hook that libvirt does not run")
  func findings() {
    var some = Self.enabled
    some["pcipass-boot.service"] = .disabled
    let ok: [String: Check.Level] = ["boot-units": .ok, "libvirt-hook": .ok]
    #expect(codes(BootSetup(hasSystemd: true, units: Self.enabled, hook: .inFolder)) == ok)
    #expect(codes(BootSetup(hasSystemd: true, units: some, hook: .inFolder))["boot-units"] == .warning)
    #expect(codes(BootSetup(hasSystemd: true, units: [:], hook: .missing))["boot-units"] == .warning)
    for hook in [BootSetup.Hook.missing, .notExecutable] {
      #expect(
        codes(BootSetup(hasSystemd: true, units: Self.enabled, hook: hook))["libvirt-hook"] == .warning)
    }
  }

  @Test("knows which libvirt runs the folder of hooks")
  func versions() {
    let (old, new) = (VersionNumber(6, 4), VersionNumber(6, 5))
    for (version, hook, level) in [
      (old, BootSetup.Hook.inFolder, Check.Level.warning), (new, .inFolder, .ok), (old, .inScript, .ok),
    ] {
      let setup = BootSetup(hasSystemd: true, units: Self.enabled, hook: hook)
      #expect(codes(setup, libvirt: version)["libvirt-hook"] == level)
    }
  }

  @Test("checks only what can matter: systemd, libvirt, and a guest with a NIC")
  func conditions() {
    let bare = BootSetup(hasSystemd: false, units: [:], hook: .missing)
    #expect(codes(bare, libvirt: nil).isEmpty)
    #expect(codes(bare, hasGuest: false).isEmpty)
    #expect(codes(nil) == ["boot-units": .unknown])
  }
}

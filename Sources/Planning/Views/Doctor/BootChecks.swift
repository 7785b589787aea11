import HostModel

/// Whether the boot of the host sets up the NICs of guests. It is checked only if a guest has or is to have one.
extension ExaminedHost {
  /// The first version of libvirt that runs the files in `qemu.d`.
  private static let hookFolders = VersionNumber(6, 5)

  var bootChecks: [Check] {
    guard !host.holdings.isEmpty || !alsoAssigned.isEmpty else { return [] }
    switch survey.bootSetup {
    case .unavailable(let reason):
      return [.unknown(.bootUnits, "whether the boot units are enabled and the hook is in place", reason)]
    case .known(let setup):
      return (setup.hasSystemd ? [units(setup)] : [])
        + (survey.libvirt.value == nil ? [] : [hook(setup.hook)])
    }
  }

  private func units(_ setup: BootSetup) -> Check {
    let off = BootSetup.unitNames.filter { setup.units[$0] != .enabled }
    guard !off.isEmpty else { return .fine(.bootUnits, "the boot units are enabled") }
    let missing = off.filter { setup.units[$0] ?? .missing == .missing }
    return .found(
      .bootUnits, "after a reboot the NICs of guests are not set up before the guests start",
      details: off.map { "\($0) is \(missing.contains($0) ? "not installed" : "not enabled")" },
      help: missing.isEmpty
        ? "systemctl enable \(off.joined(separator: " "))"
        : "install the units (docs/boot.md), then: systemctl enable \(off.joined(separator: " "))")
  }

  private func hook(_ hook: BootSetup.Hook) -> Check {
    let file = "/etc/libvirt/hooks/qemu.d/pcipass"
    let version = survey.libvirt.value?.version
    let isTooOld = version.map { $0 < Self.hookFolders } ?? false
    switch hook {
    case .inFolder where !isTooOld, .inScript:
      return .fine(.libvirtHook, "libvirt's hook of pcipass is in place")
    case .inFolder:
      return .found(
        .libvirtHook, "this libvirt does not run \(file)",
        details: ["libvirt \(version.map { "\($0)" } ?? "") runs /etc/libvirt/hooks/qemu only"],
        help: "let /etc/libvirt/hooks/qemu run it: exec \(file) \"$@\"; then restart the libvirt daemon")
    case .notExecutable:
      return .found(
        .libvirtHook, "libvirt's hook is not executable, and libvirt does not run it",
        help: "chmod 755 \(file), or /etc/libvirt/hooks/qemu; then restart the libvirt daemon")
    case .missing:
      return .found(
        .libvirtHook, "a guest is not held if its VFs are not set, or its changes are not undone yet",
        details: ["\(file) does not exist"],
        help: isTooOld
          ? "install the hook (docs/boot.md), and let /etc/libvirt/hooks/qemu run it: exec \(file) \"$@\""
          : "install the hook (docs/boot.md), then restart the libvirt daemon")
    }
  }
}

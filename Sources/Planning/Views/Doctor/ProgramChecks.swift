import HostModel

/// Whether libvirt and QEMU are installed, answer, and are new enough.
extension ExaminedHost {
  var programs: [Check] { libvirt + qemu }

  /// The oldest version with all functions of the library that pcipass loads.
  private static let oldestLibvirt = VersionNumber(4, 5)
  /// The first version with the device model vfio-pci.
  private static let oldestQEMU = VersionNumber(1, 3)

  private var libvirt: [Check] {
    switch survey.libvirt {
    case .known(let service): [answer(of: service)]
    case .unavailable(let reason): [silence(reason)]
    }
  }

  private func answer(of service: LibvirtService) -> Check {
    let place = service.uri.map { " at \($0)" } ?? ""
    if service.isReadOnly {
      return .found(
        .libvirtReadOnly, "this user has only read access to libvirt\(place)",
        help: "run as root, or: usermod -aG libvirt USER, and log in again")
    }
    if let reason = state.libvirt.reason {
      return .found(
        .libvirtUnreachable, "libvirt answers\(place), but its guests are unknown", details: [reason],
        help: "show the error: virsh list --all")
    }
    guard let version = service.version else {
      return .unknown(.libvirtTooOld, "the libvirt version", "libvirt does not report it")
    }
    if version < Self.oldestLibvirt {
      return .found(
        .libvirtTooOld, "libvirt \(version)\(place) is too old",
        help: "install \(Self.oldestLibvirt) or later")
    }
    return .fine(.libvirtUnreachable, "libvirt \(version) answers\(place)")
  }

  private func silence(_ reason: String) -> Check {
    switch survey.daemons {
    // A snapshot records what libvirt answered when it was taken.
    case .unavailable:
      guard let guests = state.libvirt.value else {
        return .unknown(.libvirtUnreachable, "whether libvirt answers", state.libvirt.reason ?? reason)
      }
      return .fine(
        .libvirtUnreachable,
        "the snapshot has \(guests.count) libvirt guest\(guests.count == 1 ? "" : "s")")
    case .known([]):
      return .found(
        .libvirtAbsent, "libvirt is not installed: NICs can be assigned only to QEMU guests without libvirt",
        help:
          "nothing to do if each Guest names its QEMU (spec.qemu); otherwise install libvirt-daemon-system or "
          + "libvirt-daemon-driver-qemu")
    case .known(let daemons):
      let unit = daemons.contains { $0.hasSuffix("/virtqemud") } ? "virtqemud.socket" : "libvirtd"
      return .found(
        .libvirtUnreachable, "libvirt does not answer", details: [reason], help: "systemctl start \(unit)")
    }
  }

  private var qemu: [Check] {
    let version = survey.libvirt.value?.qemu
    switch survey.emulators {
    case .unavailable(let reason):
      return [version.map(age) ?? .unknown(.qemuMissing, "which QEMU is installed", reason)]
    case .known([]):
      return [
        version.map(age)
          ?? .found(
            .qemuMissing, "no QEMU was found in the usual places",
            help: "install qemu-system-x86 or qemu-kvm")
      ]
    case .known(let emulators):
      return emulators.map { emulator in
        switch emulator.version {
        case .known(let version): age(version, emulator.path)
        case .unavailable(let reason): .unknown(.qemuTooOld, "the version of \(emulator.path)", reason)
        }
      }
    }
  }

  private func age(_ version: VersionNumber) -> Check { age(version, "used by libvirt") }

  private func age(_ version: VersionNumber, _ what: String) -> Check {
    version < Self.oldestQEMU
      ? .found(
        .qemuTooOld, "QEMU \(version) (\(what)) has no vfio-pci",
        help: "install QEMU \(Self.oldestQEMU) or later")
      : .fine(.qemuTooOld, "QEMU \(version) (\(what))")
  }
}

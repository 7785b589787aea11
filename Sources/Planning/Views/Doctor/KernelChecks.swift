import HostModel

/// The version of the kernel, and the availability of vfio-pci.
extension ExaminedHost {
  var kernel: [Check] { [age, vfio] }

  private var age: Check {
    guard let release = state.kernel.release, let version = VersionNumber(release) else {
      return .unknown(
        .kernelTooOld, "the kernel release",
        state.kernel.release.map { "'\($0)' is not a release" } ?? "it could not be read")
    }
    if version < VersionNumber(3, 6) {
      return .found(
        .kernelTooOld, "Linux \(release) has no VFIO",
        help: "install Linux 3.6 or later; 5.15 or later is recommended")
    }
    if version < VersionNumber(3, 16) {
      return .found(
        .noDriverOverride, "Linux \(release) has no driver_override",
        help: "install Linux 3.16 or later, or plan and apply with --legacy-new-id")
    }
    return .fine(.kernelTooOld, "Linux \(release)")
  }

  private var vfio: Check {
    if state.kernel.drivers.value?.contains("vfio-pci") == true {
      return .fine(.vfioMissing, "vfio-pci is loaded")
    }
    return switch survey.vfioModule {
    case .known(.builtIn): .fine(.vfioMissing, "vfio-pci is built in")
    case .known(.loadable(let path)):
      .fine(.vfioMissing, "vfio-pci can be loaded (\(path)); pcipass apply loads it")
    case .known(.missing):
      .found(
        .vfioMissing, "the kernel has no module vfio-pci",
        details: [
          "neither modules.dep nor modules.builtin of \(state.kernel.release ?? "the kernel") lists it"
        ],
        help: "install the full kernel package: on Debian linux-image-amd64, not the -cloud one; on Ubuntu "
          + "linux-modules-extra-$(uname -r); if the module is installed: depmod")
    case .unavailable(let reason): .unknown(.vfioMissing, "whether vfio-pci can be loaded", reason)
    }
  }
}

import HostModel

/// The version of the kernel, and the availability of vfio-pci.
extension ExaminedHost {
  var kernel: [Check] { [age, vfio] }

  private var age: Check {
    guard let release = state.kernel.release, let version = VersionNumber(release) else {
      return .unknown(
        .kernelTooOld, "the kernel's release",
        state.kernel.release.map { "'\($0)' is none" } ?? "it was not readable")
    }
    if version < VersionNumber(3, 6) {
      return .found(
        .kernelTooOld, "Linux \(release) has no VFIO",
        help: "install a kernel of 3.6 or later; 5.15 or later is well")
    }
    if version < VersionNumber(3, 16) {
      return .found(
        .noDriverOverride, "Linux \(release) has no driver_override",
        help: "install a kernel of 3.16 or later, or plan and apply with --legacy-new-id")
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
      .fine(.vfioMissing, "vfio-pci can be loaded (\(path)); pcipass apply does so")
    case .known(.missing):
      .found(
        .vfioMissing, "the kernel has no module vfio-pci",
        details: [
          "neither modules.dep nor modules.builtin of \(state.kernel.release ?? "the kernel") names it"
        ],
        help: "install the kernel's whole package: linux-image-amd64 rather than -cloud on Debian, "
          + "linux-modules-extra-$(uname -r) on Ubuntu; depmod where it is there already")
    case .unavailable(let reason): .unknown(.vfioMissing, "whether vfio-pci can be loaded", reason)
    }
  }
}

import Documents
import HostModel
import Manifests

/// Checks that the function is in an IOMMU group, without which VFIO does not open it.
enum IOMMUGuard {
  static let questions = [
    GuardQuestion(.iommu, .endState) { change, context in
      guard let function = change.candidate.function, !change.attach.isEmpty || change.isClaimedInPlace else {
        return []
      }
      return [GuardResult(.iommu, group(of: function, change, context))]
    },
    // Without `/dev/vfio/vfio` libvirt refuses the device (error 67) when it is hot-plugged, and when the
    // guest starts.
    GuardQuestion(.iommu, .endState) { change, context in
      guard context.guestsMustStart, context.host.lacksVFIODevice,
        change.attach.contains(where: \.placement.guest.traits.preparesDevices)
      else { return [] }
      return [GuardResult(.iommu, .violated(missingDevice(change)))]
    },
    GuardQuestion(.iommuForVFIO, .endState) { change, context in
      guard let function = change.candidate.function,
        change.binding?.driver.map(Drivers.isVFIO) ?? false,
        change.candidate.isCreatedByPlan || change.rebinding != nil
      else { return [] }
      return [GuardResult(.iommu, group(of: function, change, context))]
    },
  ]

  private static func missingDevice(_ change: ProposedChange) -> Violation {
    Violation(
      .unsupported,
      "libvirt cannot assign \(change.address): /dev/vfio/vfio does not exist although vfio is loaded",
      help:
        "create it: mknod /dev/vfio/vfio c 10 196; or unload the modules vfio-pci and vfio, then plan again",
      origin: change.candidate.guestClaim?.claim.from.location?.description)
  }

  private static func group(
    of function: PCIFunction, _ change: ProposedChange, _ context: GuardContext
  ) -> GuardOutcome {
    if function.iommuGroup != nil { return .passed("it is in an IOMMU group") }
    // A VF that is not created yet gets an IOMMU group if its PF has one.
    let physical = change.candidate.physicalFunction ?? function.address
    if change.candidate.isCreatedByPlan, context.host.functions[physical]?.iommuGroup != nil {
      return .passed("its PF is in an IOMMU group")
    }
    let help = IOMMUHelp(context.host.state.kernel)
    return .violated(
      Violation(
        .iommuOff, "\(function.address) is not in an IOMMU group: the IOMMU is off", details: help.findings,
        help: help.remedy))
  }
}

extension HostIndex {
  /// Whether `/dev/vfio/vfio` is missing although the module `vfio` is loaded: the kernel creates it only
  /// while the module is being loaded.
  fileprivate var lacksVFIODevice: Bool {
    guard state.kernel.hasVFIO == false else { return false }
    return drivers?.contains(where: Drivers.isVFIO) ?? false
      || state.kernel.modules.value?.contains("vfio") ?? false
  }
}

import Documents
import HostModel
import Manifests

/// The function is in an IOMMU group: otherwise VFIO does not take it.
enum IOMMUGuard {
  static let questions = [
    GuardQuestion(.iommu, .endState) { change, context in
      guard let function = change.candidate.function, !change.attach.isEmpty || change.isClaimedInPlace else {
        return []
      }
      return [GuardResult(.iommuOff, group(of: function, change, context))]
    },
    GuardQuestion(.iommuForVFIO, .endState) { change, context in
      guard let function = change.candidate.function,
        change.binding?.driver == PassthroughDriver.vfioPCI.rawValue,
        change.candidate.isComing || change.rebinding != nil
      else { return [] }
      return [GuardResult(.iommuOff, group(of: function, change, context))]
    },
  ]

  private static func group(
    of function: PCIFunction, _ change: ProposedChange, _ context: GuardContext
  ) -> GuardResult.Outcome {
    if function.iommuGroup != nil { return .passed("it is in an IOMMU group") }
    // A VF that is still to come gets a group where its PF has one.
    let physical = change.candidate.physicalFunction ?? function.address
    if change.candidate.isComing, context.host.functions[physical]?.iommuGroup != nil {
      return .passed("its PF is in an IOMMU group")
    }
    let help = IOMMUHelp(context.host.state.kernel)
    return .violated(
      Violation(
        .iommuOff, "\(function.address) is in no IOMMU group: the IOMMU is off", details: help.findings,
        help: help.remedy))
  }
}

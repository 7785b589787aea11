import Documents
import HostModel
import Manifests

/// What an import leaves out so that a plan only marks devices.
extension ImportDraft {
  /// Leaves out each NIC and each claim for which the plan has a step that does more than mark a device.
  mutating func leaveOutChanges(by plan: Plan) {
    let count = self.count
    let changes = plan.steps.filter { !$0.isMark }
    for step in changes {
      let words = step.action.words
      if let address = step.action.function {
        leaveOut(address, words)
      } else {
        // A module is loaded for the steps that wait for it.
        for other in plan.steps where other.after.contains(step.id) {
          if let address = other.action.function { leaveOut(address, words) }
        }
      }
    }
    guard let first = changes.first, self.count == count else { return }
    // No step waits for the module: libvirt needs it for devices that are marked already.
    let words = first.action.words
    for (_, claim) in claims {
      guard let function = function(claim.from.value), !(function.driver.map(Drivers.isVFIO) ?? false) else {
        continue
      }
      leaveOut(function.address, words)
    }
    guard self.count == count else { return }
    note(options.host, "all NICs are left out: a plan would \(words)")
    (nics, claims, leavesOutChanges) = ([], [], true)
  }

  private func function(_ reference: NICReference) -> PCIFunction? {
    guard let address = addresses[reference.nic] else { return nil }
    guard let index = reference.virtualFunction else { return host.functions[address] }
    return host.virtualFunctions[address]?.first { $0.virtualFunction?.index == index }
  }

  /// Leaves out the NIC or the claim of the VF; a VF that no guest claims is left out with its PF.
  private mutating func leaveOut(_ address: PCIAddress, _ words: String) {
    if let nic = nics.first(where: { addresses[$0.name.value] == address }) {
      note("\(address)", "left out: a plan would \(words)")
      return leaveOut(nic)
    }
    guard let place = host.functions[address]?.virtualFunction,
      let nic = nics.first(where: { addresses[$0.name.value] == place.physicalFunction })
    else { return }
    let reference = NICReference(nic: nic.name.value, virtualFunction: place.index)
    guard claims.contains(where: { $0.claim.from.value == reference }) else {
      note("\(place.physicalFunction)", "left out with its VFs: for its VF \(address), a plan would \(words)")
      return leaveOut(nic)
    }
    note("\(address)", "left out: a plan would \(words)")
    claims.removeAll { $0.claim.from.value == reference }
    leavesOutChanges = true
  }

  private mutating func leaveOut(_ nic: HostNIC) {
    claims.removeAll { $0.claim.from.value.nic == nic.name.value }
    nics.removeAll { $0.name.value == nic.name.value }
    leavesOutChanges = true
  }
}

extension Step {
  /// Whether the step only sets the mark of pcipass on a device that a definition has already.
  public var isMark: Bool {
    guard reason == .adopted, case .edit(let edit) = action else { return false }
    var marked = edit.from
    marked.alias = edit.to.alias
    return edit.to.isSame(inLibvirt: marked) && edit.to.guestAddress == marked.guestAddress
  }
}

extension Plan {
  /// Whether the plan is not refused and only marks devices.
  public var onlyMarks: Bool { refusals.isEmpty && steps.allSatisfy(\.isMark) }
}

extension Action {
  /// What the action does, in words that follow "a plan would".
  fileprivate var words: String {
    switch self {
    case .load(let step): "load the module \(step.module)"
    case .bind: "change its driver or driver_override"
    case .resize: "change its number of VFs"
    case .configure(let step):
      "set its VF settings: "
        + VFSetting.allCases.filter { !step.to.only($0).isEmpty }.map(\.rawValue).joined(separator: ", ")
    case .attach(let step):
      "add it to \(step.change.isLive ? "" : "the definition of ")\(step.placement.guest.name)"
    case .detach(let step): "remove it from \(step.placement.guest.name)"
    case .edit(let step): "change its device in the definition of \(step.placement.guest.name)"
    }
  }
}

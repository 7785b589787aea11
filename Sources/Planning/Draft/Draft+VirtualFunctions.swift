import Documents
import HostModel
import Manifests

/// How many VFs a PF has, and what it holds of each that is handed out.
extension Draft {
  /// Whether the PF's number of VFs is to change. An equal number is no step, however they came.
  mutating func decideVirtualFunctions(_ subject: Subject, _ decision: inout Decision) -> Bool {
    guard subject.reference?.virtualFunction == nil, let wanted = subject.nic?.virtualFunctions,
      let function = subject.function
    else { return true }
    let count = wanted.value.count
    guard passes(.virtualFunctions, subject, room(for: wanted, on: function, subject)) else { return false }
    guard let sriov = function.sriov, sriov.count != count else { return true }
    // Those that are for guests are not for the host's driver.
    let autoprobe = sriov.autoprobe.map { _ in count == 0 }
    decision.resize = (
      host.vfSet(of: function.address, sriov), VFSet(count: count, autoprobe: autoprobe)
    )
    return true
  }

  /// Nil where their number stays.
  private func room(
    for wanted: Located<VirtualFunctions>, on function: PCIFunction, _ subject: Subject
  ) -> Finding? {
    let (count, origin) = (wanted.value.count, wanted.place?.description)
    guard count != function.sriov?.count ?? 0 else { return nil }
    guard let sriov = function.sriov else {
      return .against(
        Objection(
          .virtualFunctions, "\(function.address) has no SR-IOV capability", details: [function.summary],
          help: "a card that can, its driver and the firmware's setting for SR-IOV are needed",
          origin: origin))
    }
    guard count <= sriov.total else {
      return .against(
        Objection(
          .virtualFunctions,
          "\(function.address) can have \(sriov.total) virtual functions, not \(count)",
          details: [function.summary], origin: origin))
    }
    let isTold = function.virtualFunctions(count).count == count
    guard isTold || count == 0 || !isClaimedInParts(subject) else {
      return .against(
        Objection(
          .unavailable,
          "where the virtual functions of \(function.address) will be is not known: no sriov_offset and "
            + "sriov_stride",
          help: "set their number by hand first, or use Linux 4.14 or later", origin: origin))
    }
    return .clear("it can have \(sriov.total)")
  }

  private func isClaimedInParts(_ subject: Subject) -> Bool {
    claimants.keys.contains { $0.nic == subject.reference?.nic && $0.virtualFunction != nil }
  }

  /// What the PF is to hold of a claimed VF. What is not declared is as if nobody had set anything: the next guest
  /// does not inherit what the last one was allowed.
  mutating func decideSettings(_ subject: Subject, _ decision: inout Decision) -> Bool {
    guard let wanted = subject.wanted, let function = subject.function, subject.physicalFunction != nil,
      let place = function.virtualFunction
    else { return true }
    let now: VFSettings
    switch place.settings {
    case .known(let settings): now = settings
    case .unavailable(let reason):
      refuse(
        .unavailable, subject, "what its PF holds of \(function.address) is not known: \(reason)",
        origin: wanted.claim.from.place?.description)
      return false
    }
    var goal = wanted.claim.settings.completed
    goal.mac = goal.mac ?? host.stableMAC(of: place, on: request.host.name)
    let declared = goal
    goal = now.counterpart(in: .initial).with(goal)
    if wanted.claim.device == .interface, !isLive(subject, wanted) {
      // libvirt sets both when it hands the interface out, and takes them away again afterwards.
      (goal.mac, goal.vlan) = (nil, nil)
    }
    let change = goal.difference(from: now)
    guard !change.isEmpty else { return true }
    let physical = host.functions[place.physicalFunction]
    if let problem = VFSupport.problem(with: change, declared, of: physical, now) {
      refuse(
        .unsupported, subject, "\(place.physicalFunction) cannot set that on \(function.address): \(problem)",
        origin: wanted.claim.name.place?.description)
      return false
    }
    decision.configure = (
      VFPlace(address: function.address, physicalFunction: place.physicalFunction, index: place.index),
      change.counterpart(in: now), change
    )
    return true
  }

  func isLive(_ subject: Subject, _ wanted: Subject.Wanted) -> Bool {
    subject.holdings.contains { $0.guest == wanted.guest.manager && $0.part == .live }
  }
}

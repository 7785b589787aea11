import HostModel
import Manifests

extension Plan {
  /// Whether any step is about the target.
  public func has(_ target: Target) -> Bool { steps.contains { $0.isAbout(target) } }

  /// Returns the target with the address of a port in place of its number.
  public func resolved(_ target: Target, on host: HostIndex) -> Target {
    guard !has(target), case .nic(let name) = target, let reference = NICReference(name) else {
      return target
    }
    return .nic("\(PoolMembers(request.host, host).resolved(reference))")
  }

  /// The NICs and guests that the steps are about.
  public var targets: [Target] {
    nics.map(Target.nic) + Set(steps.compactMap(\.guest)).sorted().map(Target.guest)
  }

  /// The names of the host's NICs that the steps are about, sorted.
  var nics: [String] {
    Set(steps.compactMap(\.nic).compactMap { NICReference($0)?.nic }).sorted()
  }

  /// Returns the plan with the steps about these targets, and with the steps that wait for those: they must
  /// be undone first.
  func only(_ targets: [Target]) -> Plan {
    var kept: Set<String> = []
    var result = self
    result.steps = steps.filter { step in
      let isWanted = targets.contains(where: step.isAbout) || step.after.contains(where: kept.contains)
      if isWanted { kept.insert(step.id) }
      return isWanted
    }
    return result
  }

  /// Returns the part of a change of this plan that a run limited to these targets makes.
  public func part(of change: AssignmentChange, _ targets: [Target]) -> AssignmentChange {
    guard !targets.isEmpty else { return change }
    let functions = Set(only(targets).steps.compactMap(\.action.function))
    return change.part { guest, addresses in
      targets.contains(.guest(guest)) || addresses.contains(where: functions.contains)
    }
  }
}

extension Step {
  fileprivate func isAbout(_ target: Target) -> Bool {
    let reference = nic.flatMap { NICReference($0) }
    return switch target {
    case .guest(let name): guest == name
    case .nic(let name):
      [nic, reference?.nic, reference?.entry].contains(name)
    }
  }

  /// Whether the step hot-unplugs the function from a running guest.
  func unplugs(_ function: PCIAddress?) -> Bool {
    guard let change = action.device, !change.isAdded else { return false }
    return change.isLive && change.hostdev.address == function
  }
}

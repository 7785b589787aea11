import Documents
import HostModel
import Manifests

/// What is set up at boot of one card: a PF with its VFs, or another function.
public struct BootPart: Sendable {
  /// The function, or the PF of the VFs.
  public let address: PCIAddress
  /// The entry of the function; nil if only VFs of it are recorded.
  public let entry: BootEntry?
  /// The entries of its VFs.
  public let members: [BootEntry]

  /// All entries of the part.
  public var entries: [BootEntry] { (entry.map { [$0] } ?? []) + members }

  /// Whether the function may still become ready: its driver is slow.
  public func isAwaited(on host: HostIndex) -> Bool {
    if case .left(let problem) = stage(on: host) { problem.mayPass } else { false }
  }

  /// The next thing to do for an entry.
  public enum Stage: Sendable {
    case inPlace
    /// Steps to execute, each after the one before.
    case steps([Step])
    case left(BootProblem)
  }

  /// Returns what to do for the function itself, before its VFs. `inPlace` if nothing of it is recorded.
  public func stage(on host: HostIndex) -> Stage {
    guard let subject = entry ?? members.first else { return .inPlace }
    guard let function = host.functions[address] else {
      return .left(
        BootProblem(.missing, subject, "no function is at \(address)", help: Self.forgetting(subject)))
    }
    if let entry, let difference = entry.difference(on: host) {
      return .left(
        BootProblem(
          .replaced, entry, "another function is at \(address): \(difference)", help: Self.forgetting(entry)))
    }
    if let entry, let sighting = entry.givenBack {
      return .left(
        BootProblem(
          .givenBack, entry,
          "\(address) was back at the host when pcipass last saw it (\(sighting.at)): it stays there",
          help: "pcipass apply assigns it again"))
    }
    if let entry, let stage = stage(ofVFsOf: function, entry) { return stage }
    if !members.isEmpty, let reason = Self.notReady(function) {
      return .left(BootProblem(.notReady, subject, reason))
    }
    guard let entry else { return .inPlace }
    // The driver is still setting the function up. Without its interface, what the host uses it for is unknown.
    if entry.binding != nil, Drivers.isNative(function.driver), let reason = Self.notReady(function) {
      return .left(BootProblem(.notReady, entry, reason))
    }
    return entry.bindingStage(of: function, on: host)
  }

  /// Returns what to do for the number of VFs; nil if it is correct, or not recorded.
  private func stage(ofVFsOf function: PCIFunction, _ entry: BootEntry) -> Stage? {
    guard let wanted = entry.virtualFunctions, wanted.count > 0 else { return nil }
    guard let sriov = function.sriov else {
      return .left(BootProblem(.notReady, entry, "\(address) has no SR-IOV capability"))
    }
    if sriov.count == wanted.count { return nil }
    if let reason = Self.notReady(function) { return .left(BootProblem(.notReady, entry, reason)) }
    guard sriov.count == 0 else {
      return .left(
        BootProblem(
          .different, entry, "\(address) has \(sriov.count) VFs, and \(wanted.count) are recorded",
          help: "boot deletes no VFs: pcipass apply changes their number"))
    }
    let goal = VFSet(count: wanted.count, autoprobe: sriov.autoprobe.map { wanted.autoprobe ?? $0 })
    return .steps([
      entry.step(
        "resize", .resize(address, from: VFSet(count: 0, autoprobe: sriov.autoprobe), to: goal), .declared)
    ])
  }

  /// The reason why the PF cannot have VFs yet; nil if it can. Its driver makes VFs, and their settings are set
  /// through its interface.
  private static func notReady(_ function: PCIFunction) -> String? {
    guard Drivers.isNative(function.driver) else {
      return "\(function.address) is on \(function.driver ?? "no driver"): its native driver is not ready"
    }
    return function.interfaces.isEmpty ? "\(function.address) has no network interface yet" : nil
  }

  /// Whether the PF's interface must be up, and is not: libvirt assigns a VF as an interface only then.
  public func needsInterfaceUp(on host: HostIndex) -> Bool {
    members.contains { $0.isInterface } && host.functions[address]?.downInterface != nil
  }

  /// Returns what to do for a VF, when its PF is set up.
  public func stage(of member: BootEntry, on host: HostIndex) -> Stage {
    guard let function = host.functions[member.address] else {
      return .left(
        BootProblem(
          .missing, member, "\(address) has no VF at \(member.address)", help: Self.forgetting(member)))
    }
    if let difference = member.difference(on: host) {
      return .left(
        BootProblem(
          .replaced, member, "another function is at \(member.address): \(difference)",
          help: Self.forgetting(member)))
    }
    if let sighting = member.givenBack {
      return .left(
        BootProblem(
          .givenBack, member,
          "\(member.address) was back at the host when pcipass last saw it (\(sighting.at)): it stays there",
          help: "pcipass apply assigns it again"))
    }
    var steps: [Step] = []
    switch member.settingsStage(of: function) {
    case .left(let problem): return .left(problem)
    case .steps(let first): steps = first
    case .inPlace: break
    }
    switch member.bindingStage(of: function, on: host) {
    case .left(let problem): return .left(problem)
    case .steps(let more): steps += more
    case .inPlace: break
    }
    return steps.isEmpty ? .inPlace : .steps(steps)
  }

  private static func forgetting(_ entry: BootEntry) -> String {
    "if it is gone for good: pcipass boot --forget \(entry.address)"
  }
}

extension BootEntry {
  /// Returns the steps that bind the function to its passthrough driver.
  fileprivate func bindingStage(of function: PCIFunction, on host: HostIndex) -> BootPart.Stage {
    guard let binding, function.driver != binding.driver else { return .inPlace }
    guard function.driver == nil || Drivers.isNative(function.driver) else {
      return .left(
        BootProblem(
          .different, self, "\(address) is on \(function.driver ?? ""), and \(binding) is recorded",
          help: "another program binds it: pcipass plan shows what differs"))
    }
    let load = binding.driver.flatMap { driver in
      host.drivers.map { $0.contains(driver) } ?? true ? nil : Step.loading(driver)
    }
    return .steps(
      [load].compactMap { $0 }
        + [step("bind", .bind(address, from: Binding(of: function), to: binding), reason)])
  }

  /// Returns the step that sets the settings of a VF.
  fileprivate func settingsStage(of function: PCIFunction) -> BootPart.Stage {
    guard let settings, let place = function.virtualFunction else { return .inPlace }
    switch place.settings {
    case .unavailable(let reason):
      return .left(BootProblem(.unknown, self, "the settings of the VF \(address) are unknown: \(reason)"))
    case .known(let now):
      let missing = settings.difference(from: now)
      if missing.isEmpty { return .inPlace }
      let location = VFLocation(
        address: address, physicalFunction: place.physicalFunction, index: place.index)
      return .steps([
        step("configure", .configure(location, from: missing.counterpart(in: now), to: missing), reason)
      ])
    }
  }

  private var reason: Step.Reason { guest == nil ? .reserved : .claimed }

  fileprivate func step(_ verb: String, _ action: Action, _ reason: Step.Reason) -> Step {
    Step(
      id: "\(verb)/\(address)", action: action, nic: nic, guest: guest?.name, reason: reason,
      because: provenance.run.map { "run \($0) set it up" } ?? "an apply found it so", disturbs: .nothing,
      after: [], origin: provenance.origin, identity: identity)
  }
}

extension BootRecord {
  /// The parts of the record, by address.
  public var parts: [BootPart] {
    let members = Dictionary(grouping: entries) { $0.physicalFunction ?? $0.address }
    return members.sorted { $0.key < $1.key }.map { address, entries in
      BootPart(
        address: address, entry: entries.first { $0.address == address },
        members: entries.filter { $0.address != address }
          .sorted { ($0.identity.virtualFunction ?? 0) < ($1.identity.virtualFunction ?? 0) })
    }
  }
}

extension Plan {
  /// A plan of steps that are executed at boot, for the guards of each step.
  public static func boot(_ steps: [Step], on host: HostIndex) -> Plan {
    Plan(
      request: Request(
        host: HostManifest(metadata: Metadata(name: Located(host.state.host)), spec: HostManifest.Spec()),
        guests: []),
      machine: host.state.machine, steps: steps, refusals: [], notices: [], facts: [])
  }
}

import Documents
import HostModel
import Manifests

/// Explains the NICs and guests of a host, with or without manifests.
public struct Explainer: Sendable {
  public let host: HostIndex
  /// The plan of the whole host; `nil` without manifests.
  public let plan: Plan?
  private let status: HostStatus?
  private let pools: PoolMembers?
  private let availability: [PCIAddress: Availability]

  /// - Parameter request: the manifests of the host, if there are any.
  public init(_ request: Request?, on host: HostIndex) {
    self.host = host
    let resolved = request.map { ResolvedRequest($0, on: host) }
    let plan = resolved.map { Planner.plan($0) }
    self.plan = plan
    pools = resolved?.assigner.manifests.pools
    status = resolved.flatMap { resolved in plan.map { HostStatus($0, of: resolved) } }
    availability = Availability.all(on: host)
  }

  /// Returns the explanation of a function, a NIC of the manifests, or a guest.
  public func explanation(of topic: ExplanationTopic) -> Explanation {
    var result =
      switch topic {
      case .function(let address): Explanation(topic: topic, nics: [nic(address)])
      case .nic(let name): explanation(of: name)
      case .guest(let manager): explanation(of: manager)
      }
    result.isRefused = !(plan?.refusals.isEmpty ?? true)
    result.subjects = status?.subjects
    return result
  }

  /// Returns the explanation of a NIC that is not a function of the host, or of the members of a pool that are
  /// claimed or not in sync.
  private func explanation(of name: String) -> Explanation {
    let pool = isPool(name) ? status?.pools.first { $0.name == name } : nil
    let nics = (status?.nics ?? []).filter { nic in
      if nic.name == name { return true }
      return pool != nil && nic.isListed && nic.name.flatMap { NICReference($0)?.entry } == name
    }
    return Explanation(topic: .nic(name), pool: pool, nics: nics.map(nic))
  }

  private func isPool(_ name: String) -> Bool {
    plan?.request.host.spec.pools.contains { $0.name.value == name } ?? false
  }

  private func explanation(of manager: GuestManager) -> Explanation {
    let manifest = plan?.request.guests.first { host.shownManager(of: $0) == manager }
    let declared = (status?.nics ?? []).filter { nic in manifest.map { nic.isAbout($0.name) } ?? false }
    let known = Set(declared.compactMap(\.function))
    let held = host.holdings.filter { address, holdings in
      !known.contains(address) && holdings.contains { $0.guest == manager }
    }
    return Explanation(
      topic: .guest(manager),
      guest: ExplainedGuest(
        manager: manager, name: manifest?.name, origin: manifest?.metadata.name.location?.description,
        found: host.guest(manager)),
      nics: declared.map(nic) + held.keys.sorted().map(nic))
  }

  private func nic(_ address: PCIAddress) -> ExplainedNIC {
    if let declared = status?.nics.first(where: { $0.function == address }) { return nic(declared) }
    return seen(address)
  }

  private func nic(_ status: NICStatus) -> ExplainedNIC {
    var result = status.function.map(seen) ?? ExplainedNIC()
    result.status = status
    let name = status.name.flatMap { NICReference($0)?.nic }
    result.declared = name.flatMap { plan?.request.host.nic($0) }?.name.location?.description
    result.guards =
      plan?.guards.filter { $0.nic == status.name && ($0.nic != nil || $0.function == status.function) } ?? []
    let ids = Set(status.findings.differences.flatMap(\.steps))
    result.steps = plan?.steps.filter { ids.contains($0.id) } ?? []
    return result
  }

  /// Returns what the host alone shows of a function.
  private func seen(_ address: PCIAddress) -> ExplainedNIC {
    let function = host.functions[address]
    return ExplainedNIC(
      address: address, function: function,
      siblings: function.map { host.siblings(of: $0).map(\.address) } ?? [], uses: function?.hostUses ?? [],
      holdings: host.holdings[address] ?? [], availability: availability[address])
  }
}

extension Explainer {
  /// Returns everything that the text can mean, one name for each subject. `nic/lan`, `guest/lan` and
  /// `interface/lan` are unambiguous.
  public func meanings(of text: String) -> [ExplainableName] {
    let address = PCIAddress(typed: text)
    let text = withAddress(text)
    var seen: Set<ExplanationTopic> = []
    return names.filter { name in
      let isMeant =
        name.kind == .function
        ? name.topic == address.map(ExplanationTopic.function)
        : name.text == text || "\(name.kind.rawValue)/\(name.text)" == text
      return isMeant && seen.insert(name.topic).inserted
    }
  }

  /// Returns the name of a member of a pool with the address of its port in place of the number.
  private func withAddress(_ text: String) -> String {
    let prefix = text.hasPrefix("nic/") ? "nic/" : ""
    guard let pools, let reference = NICReference(String(text.dropFirst(prefix.count))) else { return text }
    return prefix + "\(pools.resolved(reference))"
  }

  /// Returns the name that is most similar to the text, if one is similar enough.
  public func suggestion(for text: String) -> String? {
    nearest(to: text, among: names.map(\.text) + names.map { "\($0.kind.rawValue)/\($0.text)" })
  }

  private var names: [ExplainableName] {
    let addresses = Set(host.state.functions.map(\.address)).union(host.holdings.keys)
    var result = addresses.sorted().map {
      ExplainableName(kind: .function, text: "\($0)", topic: .function($0))
    }
    for nic in status?.nics ?? [] {
      guard let name = nic.name else { continue }
      result.append(
        ExplainableName(kind: .nic, text: name, topic: nic.function.map { .function($0) } ?? .nic(name)))
    }
    result += (plan?.request.host.spec.pools ?? []).map {
      ExplainableName(kind: .nic, text: $0.name.value, topic: .nic($0.name.value))
    }
    result += (plan?.request.guests ?? []).map {
      ExplainableName(kind: .guest, text: $0.name, topic: .guest(host.shownManager(of: $0)))
    }
    result += host.state.allGuests.map {
      ExplainableName(kind: .guest, text: $0.manager.name, topic: .guest($0.manager))
    }
    for function in host.state.functions {
      result += function.interfaceNames.map {
        ExplainableName(kind: .interface, text: $0, topic: .function(function.address))
      }
    }
    return result
  }
}

/// A name of something that can be explained.
public struct ExplainableName: Sendable, Hashable {
  public enum Kind: String, Sendable { case function, nic, guest, interface }

  public let kind: Kind
  public let text: String
  public let topic: ExplanationTopic
}

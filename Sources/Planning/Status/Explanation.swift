import Documents
import HostModel
import Manifests

/// Why NICs are where they are, as far as the manifests and the host tell: for a NIC, or for all of a guest.
public struct Explanation: Sendable {
  /// What somebody may ask about.
  public enum Subject: Sendable, Hashable {
    case function(PCIAddress)
    /// A NIC of the manifests that is no function of the host, or not yet.
    case nic(String)
    case guest(GuestManager)
  }

  public struct Holding: Sendable {
    public var guest: GuestManager
    public var part: Placement.Part
    public var hostdev: Hostdev
    /// The libvirt network that assigned it.
    public var network: String?
  }

  /// One NIC.
  public struct NIC: Sendable {
    public var address: PCIAddress?
    /// Nil where it is not there.
    public var function: PCIFunction?
    /// The others of its IOMMU group.
    public var siblings: [PCIAddress] = []
    /// What the host uses its interfaces for, or that it is not known.
    public var uses: [String] = []
    public var holdings: [Holding] = []
    /// Nil where it is no NIC of the host's.
    public var availability: Availability?
    /// Where a Host names it.
    public var declared: String?
    /// What a plan says of it; nil where it is not among the manifests.
    public var status: HostStatus.NIC?
    public var guards: [GuardReport] = []
    /// What a plan would do with it next.
    public var steps: [Step] = []
  }

  public struct Guest: Sendable {
    public var manager: GuestManager
    /// Its name in the manifests, and where.
    public var name: String?
    public var origin: String?
    public var found: Observed<GuestState?>
  }

  public var subject: Subject
  /// Where it was asked about a guest.
  public var guest: Guest?
  public var nics: [NIC]
  /// A plan is refused, be it for these or for others: then nothing would be done.
  public var isRefused = false
}

/// Explains a host, with manifests or without.
public struct Explainer: Sendable {
  public let state: HostState
  /// Of the whole host; nil without manifests.
  public let plan: Plan?
  private let host: HostIndex
  private let status: HostStatus?
  private let availability: [PCIAddress: Availability]

  public init(_ request: Request?, on state: HostState) {
    self.state = state
    host = HostIndex(state)
    plan = request.map { Planner.plan($0, on: state) }
    status = plan.map { HostStatus($0, on: state) }
    availability = Availability.all(on: host)
  }

  public func explanation(of subject: Explanation.Subject) -> Explanation {
    var result =
      switch subject {
      case .function(let address): Explanation(subject: subject, nics: [nic(address)])
      case .nic(let name):
        Explanation(subject: subject, nics: status?.nics.filter { $0.name == name }.map(nic) ?? [])
      case .guest(let manager): explanation(of: manager)
      }
    result.isRefused = !(plan?.refusals.isEmpty ?? true)
    return result
  }

  private func explanation(of manager: GuestManager) -> Explanation {
    let manifest = plan?.request.guests.first { host.shownManager(of: $0) == manager }
    let declared = (status?.nics ?? []).filter { nic in manifest.map { nic.isAbout($0.name) } ?? false }
    let known = Set(declared.compactMap(\.function))
    let held = host.holdings.filter { address, holdings in
      !known.contains(address) && holdings.contains { $0.guest == manager }
    }
    return Explanation(
      subject: .guest(manager),
      guest: Explanation.Guest(
        manager: manager, name: manifest?.name, origin: manifest?.metadata.name.place?.description,
        found: host.guest(manager)),
      nics: declared.map(nic) + held.keys.sorted().map(nic))
  }

  private func nic(_ address: PCIAddress) -> Explanation.NIC {
    if let declared = status?.nics.first(where: { $0.function == address }) { return nic(declared) }
    return seen(address)
  }

  private func nic(_ status: HostStatus.NIC) -> Explanation.NIC {
    var result = status.function.map(seen) ?? Explanation.NIC()
    result.status = status
    let name = status.name.flatMap { NICReference($0)?.nic }
    result.declared = plan?.request.host.spec.nics.first { $0.name.value == name }?.name.place?.description
    result.guards =
      plan?.guards.filter { $0.nic == status.name && ($0.nic != nil || $0.function == status.function) } ?? []
    let ids = Set(status.verdict.differences.flatMap(\.steps))
    result.steps = plan?.steps.filter { ids.contains($0.id) } ?? []
    return result
  }

  /// What the host says of it.
  private func seen(_ address: PCIAddress) -> Explanation.NIC {
    let function = host.functions[address]
    return Explanation.NIC(
      address: address, function: function,
      siblings: function.map { host.siblings(of: $0).map(\.address) } ?? [], uses: function?.hostUses ?? [],
      holdings: (host.holdings[address] ?? []).map {
        Explanation.Holding(guest: $0.guest, part: $0.part, hostdev: $0.hostdev, network: $0.network)
      }, availability: availability[address])
  }
}

extension Explainer {
  /// Something that can be asked about, by a name that it has.
  public struct Name: Sendable, Hashable {
    public enum Kind: String, Sendable { case function, nic, guest, interface }

    public let kind: Kind
    public let text: String
    public let subject: Explanation.Subject
  }

  /// All that the text may mean: one for each thing. `nic/lan`, `guest/lan` and `interface/lan` tell them apart.
  public func meanings(of text: String) -> [Name] {
    let address = PCIAddress(typed: text)
    var seen: Set<Explanation.Subject> = []
    return names.filter { name in
      let isMeant =
        name.kind == .function
        ? name.subject == address.map(Explanation.Subject.function)
        : name.text == text || "\(name.kind.rawValue)/\(name.text)" == text
      return isMeant && seen.insert(name.subject).inserted
    }
  }

  /// What somebody may have meant who typed something else.
  public func suggestion(for text: String) -> String? { nearest(to: text, among: names.map(\.text)) }

  private var names: [Name] {
    let addresses = Set(state.functions.map(\.address)).union(host.holdings.keys)
    var result = addresses.sorted().map { Name(kind: .function, text: "\($0)", subject: .function($0)) }
    for nic in status?.nics ?? [] {
      guard let name = nic.name else { continue }
      result.append(Name(kind: .nic, text: name, subject: nic.function.map { .function($0) } ?? .nic(name)))
    }
    result += (plan?.request.guests ?? []).map {
      Name(kind: .guest, text: $0.name, subject: .guest(host.shownManager(of: $0)))
    }
    result += state.allGuests.map { Name(kind: .guest, text: $0.manager.name, subject: .guest($0.manager)) }
    for function in state.functions {
      result += function.interfaceNames.map {
        Name(kind: .interface, text: $0, subject: .function(function.address))
      }
    }
    return result
  }
}

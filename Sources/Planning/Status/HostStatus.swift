import Documents
import HostModel
import Manifests

/// How far a host is as its manifests say: a plan, seen from the NICs and guests. It compares nothing itself.
public struct HostStatus: Sendable, Equatable {
  /// From the best to the worst.
  public enum State: String, CaseIterable, Sendable, Comparable {
    /// A plan has nothing to do.
    case declared
    /// A plan would change it.
    case drifted
    /// It is not as declared, or may not be, and a plan is refused.
    case refused
    /// What a plan needs to know cannot be read.
    case unknown

    public static func < (one: State, other: State) -> Bool { one.rank < other.rank }

    private var rank: Int {
      switch self {
      case .declared: 0
      case .drifted: 1
      case .refused: 2
      case .unknown: 3
      }
    }
  }

  /// What a plan says of one NIC, or of the host as a whole.
  public struct Verdict: Sendable, Equatable {
    public var differences: [Difference] = []
    public var refusals: [Refusal] = []
    public var notices: [Notice] = []

    public var isEmpty: Bool { self == Verdict() }

    public var state: State {
      let worst = refusals.map { $0.code == .unavailable ? State.unknown : .refused }.max()
      return worst ?? (differences.isEmpty ? .declared : .drifted)
    }
  }

  public struct NIC: Sendable, Equatable {
    /// Its name in the manifests; nil where no Host names it, and a guest still has it from pcipass.
    public var name: String?
    /// Nil where it is not there, or it is not known which function it is.
    public var function: PCIAddress?
    /// The guest that claims it, and as what.
    public var guest: String?
    public var claim: String?
    /// The manifest's line that gives it away, or names it where nobody claims it.
    public var origin: String?
    public var verdict: Verdict
    /// A VF that is not there, or is to be replaced, because of its PF: what is said of it is said of that.
    public var isAsItsPF = false

    public var state: State { verdict.state }

    /// `nic/lan`, or `function/0000:03:00.0` where it has no name.
    public var subject: String {
      name.map { "nic/\($0)" } ?? "function/" + (function.map { "\($0)" } ?? "")
    }

    func isAbout(_ guest: String) -> Bool {
      self.guest == guest || verdict.differences.contains { $0.guest == guest }
        || verdict.refusals.contains { $0.guest == guest }
    }
  }

  public struct Guest: Sendable, Equatable {
    public var name: String
    public var manager: GuestManager
    /// Nil is known not to be there.
    public var found: Observed<GuestState?>
    public var state: State
  }

  public var host: String
  public var nics: [NIC]
  public var guests: [Guest]
  /// What is about none of the NICs.
  public var rest: Verdict

  public var state: State { nics.map(\.state).max().map { max($0, rest.state) } ?? rest.state }

  /// - Parameters:
  ///   - plan: one for the whole host.
  ///   - state: what it was made on.
  public init(_ plan: Plan, on state: HostState) {
    let places = Places(plan, HostIndex(state))
    host = plan.host
    nics = places.nics
    rest = places.verdict(of: .host)
    guests = plan.request.guests.map { guest in
      Guest(
        name: guest.name, manager: places.host.shownManager(of: guest), found: places.host.guest(of: guest),
        state: places.state(of: guest.name))
    }
  }
}

/// What a plan's parts are about.
private enum Place: Hashable {
  case nic(String)
  /// Where no Host names it.
  case function(PCIAddress)
  case host

  init(_ nic: String?, _ function: PCIAddress? = nil) {
    self = nic.map(Place.nic) ?? function.map(Place.function) ?? .host
  }
}

/// A plan, sorted by what its parts are about.
private struct Places {
  let host: HostIndex
  private let resolution: Resolution
  private(set) var nics: [HostStatus.NIC] = []
  private var verdicts: [Place: HostStatus.Verdict] = [:]
  private var inherited: Set<Place> = []

  init(_ plan: Plan, _ host: HostIndex) {
    self.host = host
    resolution = Resolution(plan.request.host, host)
    let references = plan.request.host.spec.nics.flatMap { nic in nic.references.map { (nic, $0) } }
    var order = references.map { Place.nic("\($0.1)") }
    var seen = Set(order)
    func noting(_ place: Place) -> Place {
      if place != .host, seen.insert(place).inserted { order.append(place) }
      return place
    }
    let steps = Dictionary(grouping: plan.steps) { noting(Place($0.nic, $0.action.function)) }
    for (place, steps) in steps { verdicts[place, default: .init()].differences = Difference.all(steps) }
    for refusal in plan.refusals {
      verdicts[noting(Place(refusal.nic)), default: .init()].refusals.append(refusal)
    }
    for notice in plan.notices {
      verdicts[noting(Place(notice.nic)), default: .init()].notices.append(notice)
    }
    for finding in SavedImages(plan.request, host, resolution).findings(of: plan.request.guests) {
      verdicts[noting(Place(finding.nic, finding.address)), default: .init()].differences
        .append(Difference(finding))
    }
    let wanted = plan.request.wanted(on: host)
    inheritFromPFs(references.map(\.1), wanted)
    addNICs(order, references, wanted)
  }

  func verdict(of place: Place) -> HostStatus.Verdict { verdicts[place] ?? HostStatus.Verdict() }

  func state(of guest: String) -> HostStatus.State {
    var own = HostStatus.Verdict()
    own.refusals = verdict(of: .host).refusals.filter { $0.guest == guest }
    return nics.filter { $0.isAbout(guest) }.map(\.state).reduce(own.state, max)
  }

  /// VFs that come with a change of their PF's are as it is: where that is refused, a plan does not speak of them.
  private mutating func inheritFromPFs(
    _ references: [NICReference], _ wanted: [NICReference: Candidate.Wanted]
  ) {
    for reference in references where reference.virtualFunction != nil {
      let address = resolution.functions[reference]?.address
      let isComing = address.map(resolution.coming.contains) ?? true
      let isThere = address.map { host.functions[$0] != nil } ?? false
      var own = verdict(of: .nic("\(reference)"))
      guard isComing, wanted[reference] != nil || !isThere, own.state == .declared else { continue }
      let physical = verdict(of: .nic(reference.nic))
      own.differences = physical.differences.filter { $0.what == .vfCount }
      own.refusals = physical.refusals
      if own.state == .declared { continue }
      inherited.insert(.nic("\(reference)"))
      verdicts[.nic("\(reference)")] = own
    }
  }

  private mutating func addNICs(
    _ order: [Place], _ references: [(HostNIC, NICReference)], _ wanted: [NICReference: Candidate.Wanted]
  ) {
    let declared = Dictionary(references.map { ("\($0.1)", $0) }, uniquingKeysWith: { one, _ in one })
    for place in order {
      var nic = HostStatus.NIC(verdict: verdict(of: place), isAsItsPF: inherited.contains(place))
      switch place {
      case .host: continue
      case .function(let address): nic.function = address
      case .nic(let name):
        nic.name = name
        guard let (hostNIC, reference) = declared[name] else { break }
        let found = wanted[reference]
        nic.function = resolution.functions[reference].map(\.address).flatMap { host.functions[$0]?.address }
        (nic.guest, nic.claim) = (found?.guest.name, found?.claim.name.value)
        nic.origin = (found?.claim.from.place ?? hostNIC.name.place)?.description
      }
      nics.append(nic)
    }
  }
}

import Documents
import HostModel
import Manifests

/// The subject of a part of a plan.
enum StatusScope: Hashable {
  case nic(String)
  /// A function that no Host names.
  case function(PCIAddress)
  case host

  init(_ nic: String?, _ function: PCIAddress? = nil) {
    self = nic.map(StatusScope.nic) ?? function.map(StatusScope.function) ?? .host
  }
}

/// The parts of a plan, grouped by subject.
struct PlanByScope {
  let host: HostIndex
  private let resolution: Resolution
  private(set) var nics: [NICStatus] = []
  private var findings: [StatusScope: StatusFindings] = [:]
  private var inherited: Set<StatusScope> = []

  init(_ plan: Plan, _ resolved: ResolvedRequest) {
    host = resolved.host
    resolution = resolved.resolution
    let references = resolved.request.host.spec.nics.flatMap { nic in nic.references.map { (nic, $0) } }
    var order = references.map { StatusScope.nic("\($0.1)") }
    var seen = Set(order)
    func noting(_ scope: StatusScope) -> StatusScope {
      if scope != .host, seen.insert(scope).inserted { order.append(scope) }
      return scope
    }
    let steps = Dictionary(grouping: plan.steps) { noting(StatusScope($0.nic, $0.action.function)) }
    for (scope, steps) in steps { findings[scope, default: .init()].differences = Difference.all(steps) }
    for refusal in plan.refusals {
      findings[noting(StatusScope(refusal.nic)), default: .init()].refusals.append(refusal)
    }
    for notice in plan.notices {
      findings[noting(StatusScope(notice.nic)), default: .init()].notices.append(notice)
    }
    for image in SavedImages(resolved).differences(of: resolved.request.guests) {
      findings[noting(StatusScope(image.nic, image.address)), default: .init()].differences
        .append(Difference(image))
    }
    inheritFromPFs(references.map(\.1), resolved.claims)
    addNICs(order, references, resolved)
  }

  func findings(of scope: StatusScope) -> StatusFindings { findings[scope] ?? StatusFindings() }

  func state(of guest: String) -> SyncState {
    var own = StatusFindings()
    own.refusals = findings(of: .host).refusals.filter { $0.guest == guest }
    return nics.filter { $0.isAbout(guest) }.map(\.state).reduce(own.state, max)
  }

  /// Sets the verdict of the PF for VFs that a change of the PF creates: if the change is refused,
  /// the plan contains nothing about them.
  private mutating func inheritFromPFs(
    _ references: [NICReference], _ claims: [NICReference: GuestClaim]
  ) {
    for reference in references where reference.virtualFunction != nil {
      let address = resolution.functions[reference]?.address
      let isCreatedByPlan = address.map(resolution.createdVFs.contains) ?? true
      let isThere = address.map { host.functions[$0] != nil } ?? false
      var own = findings(of: .nic("\(reference)"))
      guard isCreatedByPlan, claims[reference] != nil || !isThere, own.state == .inSync else { continue }
      let physical = findings(of: .nic(reference.nic))
      own.differences = physical.differences.filter { $0.category == .vfCount }
      own.refusals = physical.refusals
      if own.state == .inSync { continue }
      inherited.insert(.nic("\(reference)"))
      findings[.nic("\(reference)")] = own
    }
  }

  private mutating func addNICs(
    _ order: [StatusScope], _ references: [(HostNIC, NICReference)], _ resolved: ResolvedRequest
  ) {
    let declared = Dictionary(references.map { ("\($0.1)", $0) }, uniquingKeysWith: { one, _ in one })
    let assignments = Dictionary(
      resolved.assignments.map { ($0.member, $0) }, uniquingKeysWith: { one, _ in one })
    for scope in order {
      var nic = NICStatus(findings: findings(of: scope), isAsItsPF: inherited.contains(scope))
      switch scope {
      case .host: continue
      case .function(let address): nic.function = address
      case .nic(let name):
        nic.name = name
        guard let (hostNIC, reference) = declared[name] else {
          add(pool: name, to: &nic, resolved.declared)
          break
        }
        let claim = resolved.claims[reference]
        nic.function = resolution.functions[reference].map(\.address).flatMap { host.functions[$0]?.address }
        (nic.guest, nic.guestNIC) = (claim?.guest.name, claim?.claim.name.value)
        if let assignment = assignments[name], assignment.guest == nic.guest,
          assignment.nic == nic.guestNIC
        {
          nic.assignment = assignment
        }
        nic.origin = (claim?.claim.from.location ?? hostNIC.name.location)?.description
      }
      nics.append(nic)
    }
  }

  /// Adds what is known of the refused claims of a pool. They have no member.
  private func add(pool name: String, to nic: inout NICStatus, _ request: Request) {
    let guests = Set(nic.findings.refusals.map(\.guest))
    if guests.count == 1 { nic.guest = guests.first ?? nil }
    let origins = Set(nic.findings.refusals.map(\.origin))
    nic.origin =
      origins.count == 1
      ? origins.first ?? nil
      : request.host.spec.pools.first { $0.name.value == name }?.name.location?.description
  }
}

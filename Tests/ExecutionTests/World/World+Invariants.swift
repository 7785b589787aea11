import HostModel
import Oracle
import Planning
import TestSupport

@testable import Execution
@testable import Hosts

/// Invariants that hold after a command.
extension World {
  /// A recovery that is repeated, as after a power cut before the last record, has nothing to do.
  func checkRecoveryIsIdempotent(
    _ id: Int, _ direction: RecoveryDirection, _ end: Outcome.End?
  ) throws {
    guard end == .success, isAnswered, var journal = try store.journal(id) else { return }
    journal.lines.removeLast()
    let again = Recovery(journal, on: HostIndex(state)).plan(direction)
    guard again.isEmpty, again.refusals.isEmpty else {
      throw BrokenInvariant("recover twice is recover once", "\(again.ids) \(again.refusals.map(\.message))")
    }
  }

  /// Guests that could start before a recovery, or before the run that was recovered, can start
  /// after it. Guests that wait according to a notice of the plan are excepted.
  func checkGuestsStart(
    after before: HostState, _ plan: Plan, _ isApply: Bool, _ records: [Record]
  ) throws {
    func stuck(_ state: HostState) -> Set<Substring> {
      Set(Oracle.obstacles(on: state, isNext: true).keys.map { $0.prefix { $0 != " " } })
    }
    let old = records.map(\.before).reduce(into: stuck(before)) { $0.formUnion(stuck($1)) }
    // A definition is restored after a reboot too; drivers and VFs follow with the next apply, as a
    // notice of the plan states.
    guard records.allSatisfy({ $0.before.kernel.bootID == before.kernel.bootID }) else { return }
    let claimed = records.flatMap { $0.declared.claims.values.joined() }.map(\.address)
    let new = Oracle.obstacles(on: state).filter { place, _ in
      // The unclaimed members of an IOMMU group of which a guest has a part are checked after
      // rollbacks only.
      if isApply, !claimed.contains(where: { place.hasSuffix("\($0)") }) { return false }
      return
        !old.contains(place.prefix { $0 != " " })
        && !plan.notices.contains { $0.code == .waits && $0.message.contains(place.suffix(12)) }
        && !records.contains { $0.declared.allowed.contains { place.hasSuffix("\($0)") } }
    }
    guard new.isEmpty else { throw BrokenInvariant("after a recovery guests can start that could", "\(new)") }
  }

  /// Parallel steps have the same result as serial ones.
  func checkSerialRunIsEqual(_ plan: Plan, _ way: RunDirection, _ before: HostState) throws {
    let host = SimulatedHost(before)
    let outcome = Executor(host: host, journal: { _ in })
      .run(plan.steps, judgedBy: StepJudge(plan, way, since: before))
    // When a guest releases several members of an IOMMU group, libvirt can rebind only the last one
    // to its driver.
    let held = (before.libvirt.value ?? []).flatMap { $0.live ?? [] }.filter(\.isManaged).map(\.address)
    let libvirts = byLibvirt.union(held)
    var end = state
    for index in end.functions.indices where libvirts.contains(end.functions[index].address) {
      guard let serial = host.state[end.functions[index].address] else { continue }
      (end.functions[index].driver, end.functions[index].driverOverride) = (
        serial.driver, serial.driverOverride
      )
      end.functions[index].interfaces = serial.interfaces
    }
    let (one, other) = (Standing(host.state, isPlaced: false), Standing(end, isPlaced: false))
    guard outcome.end == .success, one == other else {
      throw BrokenInvariant("steps side by side end as one after another", other.difference(from: one))
    }
  }

  /// Only functions and domains that the manifests name are changed.
  func checkOnlyNamedChanged(_ seen: Witness.Seen, _ before: HostState) throws {
    let records = records.values
    let named = documents.declared.named.union(records.flatMap(\.declared.named))
    let held = records.map(\.before).flatMap { Oracle.heldWithMark(on: $0) }
    let functions = seen.written.union(seen.actions.compactMap(\.function))
      .subtracting(named).subtracting(held)
    // Other domains may have devices that pcipass assigned, or devices that the manifests allow to
    // be taken from them.
    let allowed = documents.declared.allowed.union(records.flatMap(\.declared.allowed))
    let known = Set(
      Oracle.domainsToTouch(by: documents.declared, on: before)
        + records.flatMap { Oracle.domainsToTouch(by: $0.declared, on: $0.before) })
    let domains = seen.domains.filter { !known.contains($0.key) && !$0.value.isSubset(of: allowed) }
    guard functions.isEmpty, domains.isEmpty else {
      throw BrokenInvariant("nothing is written to what no document names", "\(functions) \(domains)")
    }
  }

  /// A device that is attached or bound is the same card as before.
  func checkSameCards(_ actions: [Action], _ cards: [[PCIAddress: String]], _ before: HostState) throws {
    let now = Oracle.cards(on: before)
    for action in actions {
      let isAdded = if case .attach = action { true } else if case .bind = action { true } else { false }
      guard isAdded, let address = action.function, let card = now[address] else { continue }
      let was = cards.compactMap { $0[address] }
      guard !was.isEmpty, !was.contains(card) else { continue }
      throw BrokenInvariant("a way back is about the same card", "\(address) is \(card), and was \(was)")
    }
  }

  /// The cards at the start of a run that is rolled back, and of the runs that it rolled back in
  /// turn.
  func cards(of id: Int?) -> [[PCIAddress: String]] {
    guard let id, let record = records[id] else { return [] }
    return record.cards + cards(of: record.subject.flatMap { $0 < id ? $0 : nil })
  }

  /// The state equals an earlier one, except for what libvirt decides.
  func checkEquals(_ before: HostState, _ invariant: String) throws {
    let (now, then) = (Standing(state.boundAsBefore(before, byLibvirt)), Standing(before))
    guard now == then else { throw BrokenInvariant(invariant, now.difference(from: then)) }
  }
}

extension HostState {
  /// The state with the differences removed that libvirt causes: it rebinds managed devices without
  /// their former override, and never leaves them without a driver.
  fileprivate func boundAsBefore(_ before: HostState, _ addresses: Set<PCIAddress>) -> HostState {
    var result = self
    for index in result.functions.indices where addresses.contains(result.functions[index].address) {
      guard let was = before[result.functions[index].address] else { continue }
      let now = result.functions[index]
      if now.driverOverride == nil { result.functions[index].driverOverride = was.driverOverride }
      // A VF that libvirt had left on vfio-pci is created again without a driver.
      let isMadeAgain = now.virtualFunction != nil && now.driver == nil && was.driver == "vfio-pci"
      if isMadeAgain { result.functions[index].driver = was.driver }
      if was.driver == nil, now.driver == now.nativeDriver || now.driver == "vfio-pci" {
        result.functions[index].driver = nil
        result.functions[index].driverOverride = was.driverOverride
        result.functions[index].interfaces = was.interfaces
      }
    }
    return result
  }
}

import Documents
import Files
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// Properties of a boot, on random hosts and manifests. PCIPASS_SOAK=N tests N times as many.
@Suite("For every host that was applied, confirmed and rebooted")
struct BootPropertyTests {
  /// A host after an apply and a reboot, with what the apply has recorded.
  private struct Rebooted {
    let random: RandomCase
    let applied: HostState
    let host: SimulatedHost
    let record: BootRecord
  }

  private static let boots = (1...2).map { "00000000-0000-4000-8000-00000000000\($0)" }

  /// Applies the manifests of a random case, and restarts the host; nil if they are refused.
  private static func rebooted(_ seed: Int) throws -> Rebooted? {
    var random = RandomCase(seed: seed)
    random.start.kernel.bootID = boots[0]
    let plan = Planner.plan(random.request, on: random.start)
    guard plan.refusals.isEmpty else { return nil }
    let host = SimulatedHost(random.start)
    guard Executor(host: host, journal: { _ in }).run(plan.steps).end == .success else { return nil }
    let applied = host.state
    let resolved = ResolvedRequest(random.request, on: HostIndex(applied))
    let entries = resolved.bootEntries(from: .init(run: 1), without: Planner.plan(resolved))
    var record = BootRecord(run: 1)
    record = record.applying(BootChange(of: record, to: entries))
    record = record.seeing(HostIndex(applied), at: Sighting(at: .now, boot: boots[0]))
    try host.reboot()
    return Rebooted(random: random, applied: applied, host: host, record: record)
  }

  private func forAll(
    _ count: Int, at location: Testing.SourceLocation = #_sourceLocation,
    _ property: (Rebooted, inout Dice) throws -> String?
  ) throws {
    var tested = 0
    for seed in 0..<(count * soak) {
      guard let rebooted = try Self.rebooted(seed) else { continue }
      tested += rebooted.record.entries.isEmpty ? 0 : 1
      var dice = Dice(seed: seed)
      guard let wrong = try property(rebooted, &dice) else { continue }
      Issue.record(
        """
        seed \(seed): \(wrong)
        \(rebooted.random.manifests)
        \(Standing(rebooted.applied))
        \(BootRecord.form.encode(rebooted.record).text)
        """, sourceLocation: location)
      return
    }
    #expect(tested > count / 10, "most cases are refused: \(tested)")
  }

  private func boot(_ rebooted: Rebooted) -> [BootRun.Result] {
    BootRun(on: rebooted.host).run(rebooted.record, waiting: .zero)
  }

  @Test("drivers, VFs and settings are as they were for guests, and a second boot has nothing to do")
  func restored() throws {
    try forAll(500) { rebooted, _ in
      let results = boot(rebooted)
      if let problem = results.lazy.compactMap(\.problem).first {
        return "\(problem.code): \(problem.message)"
      }
      for entry in rebooted.record.entries {
        let state = entry.state(on: HostIndex(rebooted.host.state))
        if state != .inPlace { return "\(entry.address) is \(state)" }
      }
      let again = boot(rebooted)
      return again.contains { !$0.done.isEmpty || $0.problem != nil } ? "the second boot did something" : nil
    }
  }

  @Test("functions that are not recorded are not changed, nor are VFs that nobody is recorded for assigned")
  func others() throws {
    try forAll(300) { rebooted, _ in
      let before = rebooted.host.state
      _ = boot(rebooted)
      let recorded = Set(rebooted.record.entries.flatMap { [$0.address, $0.physicalFunction ?? $0.address] })
      for function in rebooted.host.state.functions where !recorded.contains(function.address) {
        if let place = function.virtualFunction {
          guard !Drivers.isPassthrough(function.driver), place.settings.value?.changed.isEmpty ?? true else {
            return "the VF \(function.address) is set up for nobody"
          }
        } else if function != before[function.address] {
          return "\(function.address) has changed"
        }
      }
      return nil
    }
  }

  @Test("a card that is missing, another one or in use is left, and the others are set up")
  func damaged() throws {
    try forAll(500) { rebooted, dice in
      let parts = rebooted.record.parts
      guard !parts.isEmpty else { return nil }
      let address = parts[dice.number(0..<parts.count)].address
      var state = rebooted.host.state
      guard let index = state.functions.firstIndex(where: { $0.address == address }) else { return nil }
      let damage = dice.number(0..<3)
      switch damage {
      case 0: state.functions.remove(at: index)
      case 1: state.functions[index].id = PCIID(vendor: 0x144d, device: 0xa808)
      default:
        state.functions[index].interfaces = [
          NetworkInterface(name: "x", isUp: true, uses: .known([HostUse(.bridge, "br0")]))
        ]
      }
      let host = SimulatedHost(state)
      let results = BootRun(on: host).run(rebooted.record, waiting: .zero)
      for result in results {
        let isOfCard = result.entry.address == address || result.entry.physicalFunction == address
        // A PF that the host uses can have VFs; only a function that is taken from the host is refused.
        let isLeft =
          isOfCard && (damage < 2 || result.entry.binding != nil && result.entry.address == address)
        if isLeft != (result.problem != nil) {
          return
            "damage \(damage) of \(address): \(result.entry.address) \(String(describing: result.problem))"
        }
      }
      return damage > 0 && host.state[address]?.driver != state[address]?.driver
        ? "\(address) was bound to another driver" : nil
    }
  }

  @Test("what was given back to the host stays there, and what was never set up since is not taken for that")
  func givenBack() throws {
    try forAll(300) { rebooted, dice in
      _ = boot(rebooted)
      let functions = rebooted.record.entries.filter { $0.binding != nil && $0.physicalFunction == nil }
      guard let entry = functions.randomElement(using: &dice) else { return nil }
      let now = rebooted.host.state.kernel.bootID
      let seen = rebooted.record.seeing(HostIndex(rebooted.host.state), at: Sighting(at: .now, boot: now))
      var state = rebooted.host.state
      guard let index = state.functions.firstIndex(where: { $0.address == entry.address }),
        Drivers.isNative(state.functions[index].nativeDriver)
      else { return nil }
      state.functions[index].driver = state.functions[index].nativeDriver
      state.functions[index].driverOverride = nil
      let given = seen.seeing(HostIndex(state), at: Sighting(at: .now, boot: now))
      guard given[entry.address]?.givenBack != nil else { return "\(entry.address) was not noted" }
      let unseen = rebooted.record.seeing(HostIndex(state), at: Sighting(at: .now, boot: "another"))
      guard unseen[entry.address]?.givenBack == nil else {
        return "\(entry.address) was noted without reason"
      }
      let host = SimulatedHost(state)
      try host.reboot()
      let results = BootRun(on: host).run(given, waiting: .zero)
      guard results.first(where: { $0.entry.address == entry.address })?.problem?.code == .givenBack else {
        return "\(entry.address) was taken again"
      }
      return Drivers.isPassthrough(host.state[entry.address]?.driver) ? "\(entry.address) was bound" : nil
    }
  }

  @Test("a change of the record and its inverse lead back, also after other changes")
  func inverse() throws {
    try forAll(300) { rebooted, dice in
      let all = rebooted.record
      let some = Set(all.entries.map(\.address).filter { _ in dice.chance(50) })
      let change = BootChange(
        of: all, to: Dictionary(uniqueKeysWithValues: some.map { ($0, nil as BootEntry?) }))
      guard all.applying(change).applying(change.inverse) == all else {
        return "not the same after the inverse"
      }
      // What has become another entry since stays.
      guard var other = all.entries.first(where: { some.contains($0.address) }) else { return nil }
      other.nic = "other"
      let changed = all.applying(change).applying(BootChange(added: [other]))
      return changed.applying(change.inverse)[other.address]?.nic == "other" ? nil : "a later entry was lost"
    }
  }
}

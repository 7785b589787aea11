import HostModel
import Oracle
import Planning
import Synchronization

@testable import Hosts

/// Observes a host after each step of a command, applies an event after one of them, and checks
/// each state with the oracle.
final class Witness: Sendable {
  /// An event after the step of this number.
  struct Interruption: Sendable {
    let number: Int
    let change: @Sendable (inout HostState) -> Void
  }

  /// Which uses of the host the undo steps of a command may remove.
  enum PlanDirection {
    /// Undo steps, whose ids have this prefix, may remove uses that appeared since the command
    /// began, except SSH sessions.
    case run(undoPrefix: String)
    /// The whole command undoes a run that is not final, so it may remove all uses except SSH
    /// sessions.
    case undo
  }

  private let interruption: Interruption?
  /// The functions whose uses the host may lose, because the manifests allow it.
  private let allowed: Set<PCIAddress>
  private let way: PlanDirection
  private let foreignBefore: Set<String>
  private let seen: Mutex<Seen>

  struct Seen: Sendable {
    var actions: [Action] = []
    /// The functions and domains that were changed, with the functions that each domain gained or
    /// lost.
    var written: Set<PCIAddress> = []
    var domains: [String: Set<PCIAddress>] = [:]
    /// Whether the event is being applied, so that changes are not those of pcipass.
    var isWorldsTurn = false
    var isInterrupted = false
    /// The uses that the host must not lose, and those of them that appeared by the event.
    var uses: [PCIAddress: Set<HostUse>]
    var since: [PCIAddress: Set<HostUse>] = [:]
    var wrong: String?
  }

  init(
    on state: HostState, allowed: Set<PCIAddress>, _ way: PlanDirection, _ interruption: Interruption? = nil
  ) {
    self.interruption = interruption
    self.allowed = allowed
    self.way = way
    foreignBefore = Set(Oracle.foreignVFSettings(on: state).keys)
    seen = Mutex(Seen(uses: Oracle.uses(on: state)))
  }

  var result: Seen { seen.withLock { $0 } }

  /// Observes the host after a step.
  func see(_ action: Action, _ step: String, on host: SimulatedHost) {
    let state = host.state
    let isInterrupted = seen.withLock { seen in
      judge(state, step, &seen)
      seen.actions.append(action)
      seen.isWorldsTurn = interruption?.number == seen.actions.count
      return seen.isWorldsTurn
    }
    guard isInterrupted, let interruption else { return }
    let before = Oracle.uses(on: state)
    try? host.change { kernel in interruption.change(&kernel.state) }
    let now = Oracle.uses(on: host.state)
    seen.withLock { seen in
      (seen.isInterrupted, seen.isWorldsTurn) = (true, false)
      seen.since = now.reduce(into: [:]) { $0[$1.key] = $1.value.subtracting(before[$1.key] ?? []) }
      seen.uses = now
    }
  }

  /// Observes the host after a single write of a step.
  func see(_ before: HostState, _ after: HostState) {
    seen.withLock { seen in
      guard !seen.isWorldsTurn else { return }
      judgeVFSettings(after, "between two writes", &seen)
      seen.written.formUnion(Oracle.changed(from: before, to: after))
      seen.domains.merge(Oracle.changedDomains(from: before, to: after)) { $0.union($1) }
    }
  }

  private func judge(_ state: HostState, _ step: String, _ seen: inout Seen) {
    guard seen.wrong == nil else { return }
    for (address, uses) in Oracle.lost(seen.uses, on: state) where !allowed.contains(address) {
      let given: Set<HostUse> =
        switch way {
        case .undo: uses
        case .run(let prefix): step.hasPrefix(prefix) ? seen.since[address] ?? [] : []
        }
      let lost = uses.filter { $0.kind == .sshSession || !given.contains($0) }
      if !lost.isEmpty { seen.wrong = "\(step): the host has lost \(lost.map(\.description)) of \(address)" }
    }
    judgeVFSettings(state, step, &seen)
  }

  private func judgeVFSettings(_ state: HostState, _ moment: String, _ seen: inout Seen) {
    guard seen.wrong == nil else { return }
    for (place, reason) in Oracle.foreignVFSettings(on: state) where !foreignBefore.contains(place) {
      seen.wrong = "\(moment): at \(place): \(reason)"
    }
  }
}

import Documents
import Files
import Foundation
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// A plan that assigns one NIC to a running guest and reserves another.
let smallPlan = plan(
  host(
    "name: lan, select: {address: '0000:03:00.0'}\nname: dmz, select: {address: '0000:04:00.0'}, reserve: true"
  )
    + guest("a", "name: net0, from: lan"),
  on: state([nic("03:00.0"), nic("04:00.0")], libvirt: [running("a")]))

func header(
  _ plan: Plan = smallPlan, _ task: Journal.RunKind = .apply, confirmWithin: Int? = nil,
  run: RunRecord? = nil, boot: String? = nil
) -> Journal.Header {
  Journal.Header(
    task: task, plan: plan, onFailure: .undo, confirmWithin: confirmWithin, run: run, by: "root",
    version: "0.1.0", boot: boot)
}

/// A journal with these entries, one second apart.
func journal(
  _ id: Int = 1, _ header: Journal.Header = header(), _ entries: [JournalEntry]
) -> Journal {
  let began = Moment(at: Timestamp(milliseconds: 1_800_000_000_000), uptime: 1_000_000)
  return Journal(
    id: id, start: began, header: header,
    lines: entries.enumerated().map {
      Journal.Line(began.adding(seconds: $0.offset + 1), $0.element)
    })
}

extension Journal {
  /// The lines of the file.
  var diskLines: [[UInt8]] {
    [JournalText.line(header, at: start)]
      + lines.enumerated().map { JournalText.line($0.element, number: $0.offset + 1) }
  }

  var bytes: [UInt8] { Array(diskLines.joined()) }

  /// The journal after it was encoded and read again.
  func readAgain() throws -> Journal? { try JournalText.read(bytes, id: id, name: "journal/\(id)").journal }

  /// The journal of a run on a random host, with entries that may follow the run.
  static func random(_ seed: Int) -> Journal {
    var random = RandomCase(seed: seed)
    let plan = Planner.plan(random.request, on: random.start)
    var start = random.start
    if let step = plan.steps.randomElement(using: &random.dice) {
      start.simulation?.faults = [
        Simulation.Fault(
          step: random.dice.one("", "undo/") + step.id,
          effect: random.dice.one(.refused, .busy, .hang, .ignored))
      ]
    }
    var entries: [JournalEntry] = []
    let executor = Executor(
      host: SimulatedHost(start), onFailure: random.dice.one(.undo, .stop), journal: { entries.append($0) })
    let outcome = executor.run(plan.refusals.isEmpty ? plan.steps : [])
    if let end = outcome.end, random.dice.chance(80) { entries.append(.ended(end)) }
    let hostile = random.dice.one("", "\u{0}\u{1B}[2J\n\r\u{2028}", "\u{10FFFF}\u{FFFE}\"\\", "12", "null")
    entries += [.confirmed(by: hostile), .unconfirmed(hostile)]
    if random.dice.chance(50) {
      entries.append(.recovering(random.dice.one(.back, .forward, .leave), plan, boot: hostile))
      if let step = plan.steps.first {
        entries.append(.found(step, random.dice.one(.done, .notDone, .partly)))
      }
    }
    let header = Header(
      task: random.dice.one(
        .apply, .rollback(of: nil, only: []), .rollback(of: 17, only: [.nic("lan"), .guest("a")])),
      plan: plan, onFailure: random.dice.one(.undo, .stop), confirmWithin: random.dice.one(nil, 5, 86400),
      by: hostile, version: hostile, boot: random.dice.one(nil, hostile))
    return journal(seed + 1, header, entries.map(\.inMilliseconds))
  }
}

extension JournalEntry {
  /// The entry with its times in whole milliseconds, as on disk.
  var inMilliseconds: JournalEntry {
    func whole(_ time: Duration) -> Duration { .milliseconds(Int(time / .milliseconds(1))) }
    return switch self {
    case .done(let step, let took): .done(step, took: whole(took))
    case .failed(let step, let failure, let took): .failed(step, failure, took: whole(took))
    case .undone(let step, let took): .undone(step, took: whole(took))
    default: self
    }
  }
}

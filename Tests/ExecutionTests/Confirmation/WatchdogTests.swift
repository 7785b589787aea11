import Files
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// The journal starts at 1000 s; the apply must be confirmed within 30 s of its last entry.
@Suite("The watchdog of an apply")
struct WatchdogTests {
  private static let boot = "00000000-0000-4000-8000-000000000001"
  private static let run = RunRecord(
    process: ProcessIdentity(number: 812, start: 4711, boot: boot), libvirt: nil, stepTimeout: 60,
    unplugTimeout: 20, jobs: 1)
  private static let apply = HostLock.Owner(process: 812, words: "apply")
  private static let other = HostLock.Owner(process: 99_999_999, words: "rollback")
  private static let begun = smallPlan.steps[0]

  private func look(
    at seconds: Int, _ entries: [JournalEntry]? = [.ended(.success)],
    apply: RunningProcess.ProcessState = .gone, holder: HostLock.Owner? = nil, boot: String = boot
  ) -> Watchdog.Observation {
    let journal = entries.map {
      ExecutionTests.journal(1, header(confirmWithin: 30, run: Self.run), $0)
    }
    return Watchdog.Observation(
      now: Moment(at: Timestamp(milliseconds: 1_800_000_000_000), uptime: 1_000_000 + seconds * 1000),
      boot: boot, journal: journal, apply: apply, holder: holder)
  }

  private func decision(_ look: Watchdog.Observation) -> String {
    switch Watchdog().decision(on: look) {
    case .wait: "wait"
    case .end: "end"
    case .undo: "undo"
    case .kill: "kill"
    case .waitFor(let holder): "wait for " + holder
    }
  }

  private func isWaiting(_ decision: Watchdog.Decision) -> Bool {
    if case .wait = decision { true } else { false }
  }

  @Test("checks the apply once a second, and when the time to confirm ends")
  func pauses() {
    #expect(Watchdog().decision(on: look(at: 2)) == .wait(1000))
    var late = look(at: 30)
    late.now.uptime = late.now.uptime.map { $0 + 700 }
    #expect(Watchdog().decision(on: late) == .wait(300))
  }

  @Test("waits until the time to confirm is over, then rolls the apply back")
  func overdue() {
    #expect(decision(look(at: 2)) == "wait")
    #expect(decision(look(at: 30)) == "wait")
    #expect(decision(look(at: 31)) == "undo")
    #expect(decision(look(at: 31, [])) == "undo")
    #expect(decision(look(at: 31, [.starting(Self.begun, as: Self.begun.action)])) == "undo")
    #expect(decision(look(at: 31, nil)) == "end")
  }

  @Test("rolls the apply back at once when the host has rebooted")
  func otherBoot() { #expect(decision(look(at: -900, boot: "other")) == "undo") }

  @Test("kills a stopped apply ten seconds after its time, not earlier")
  func stopped() {
    let begun = [JournalEntry.starting(Self.begun, as: Self.begun.action)]
    for entries in [[], begun, [.ended(.success)]] {
      let deadline = 30 + entries.count
      func at(_ seconds: Int) -> String {
        decision(look(at: deadline + seconds, entries, apply: .stopped, holder: Self.apply))
      }
      #expect(at(-1) == "wait")
      #expect(at(9) == "wait")
      #expect(at(10) == "kill")
    }
  }

  @Test(
    "kills a running apply only when it writes no entry for longer than a step may take")
  func blocked() {
    let begun = [JournalEntry.starting(Self.begun, as: Self.begun.action)]
    func at(_ seconds: Int) -> String {
      decision(look(at: 1 + seconds, begun, apply: .running, holder: Self.apply))
    }
    #expect(at(29) == "wait")
    #expect(at(41) == "wait")
    #expect(at(69) == "wait")
    #expect(at(70) == "kill")
  }

  @Test("names another process that has the lock, waits for it and does not kill it")
  func other() {
    for seconds in [31, 41, 1000] {
      #expect(
        decision(look(at: seconds, holder: Self.other)).hasPrefix("wait for \(Self.other)"))
      #expect(
        decision(look(at: seconds, apply: .stopped, holder: Self.other)).hasPrefix("wait for"))
      // Another process has the PID of the apply now.
      #expect(decision(look(at: seconds, apply: .gone, holder: Self.apply)).hasPrefix("wait for"))
    }
    #expect(decision(look(at: 30, holder: Self.other)) == "wait")
  }

  @Test("does not kill a stopped apply that has released the lock")
  func free() { #expect(decision(look(at: 31, apply: .stopped)) == "undo") }

  @Test("retries a failed rollback without limit, at growing intervals")
  func again() {
    var watchdog = Watchdog()
    var now = 31
    var pauses: [Int] = []
    for _ in 0..<8 {
      #expect(watchdog.decision(on: look(at: now)) == .undo)
      watchdog.failed(at: look(at: now).now, hasBegun: false)
      let began = now
      while isWaiting(watchdog.decision(on: look(at: now))) { now += 1 }
      pauses.append(now - began)
    }
    #expect(pauses == [2, 5, 10, 20, 30, 30, 30, 30])
    // A try that has started makes the journal longer, so the pause is longer.
    watchdog.failed(at: look(at: now).now, hasBegun: true)
    #expect(isWaiting(watchdog.decision(on: look(at: now + 299))))
    #expect(watchdog.decision(on: look(at: now + 300)) == .undo)
    // A restarted watchdog does not wait again.
    #expect(Watchdog().decision(on: look(at: now)) == .undo)
  }
}

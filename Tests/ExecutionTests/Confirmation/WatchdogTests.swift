import Files
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// The journal begins at 1000 s; the apply is to be confirmed 30 s after its last sign.
@Suite("What the watchdog of an apply does next")
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

  @Test("it looks now and then, and at the end of the time")
  func pauses() {
    #expect(Watchdog().decision(on: look(at: 2)) == .wait(1000))
    var late = look(at: 30)
    late.now.uptime = late.now.uptime.map { $0 + 700 }
    #expect(Watchdog().decision(on: late) == .wait(300))
  }

  @Test("it waits until the time is over, then undoes")
  func overdue() {
    #expect(decision(look(at: 2)) == "wait")
    #expect(decision(look(at: 30)) == "wait")
    #expect(decision(look(at: 31)) == "undo")
    #expect(decision(look(at: 31, [])) == "undo")
    #expect(decision(look(at: 31, [.starting(Self.begun, as: Self.begun.action)])) == "undo")
    #expect(decision(look(at: 31, nil)) == "end")
  }

  @Test("a host that was started again has no time left")
  func otherBoot() { #expect(decision(look(at: -900, boot: "other")) == "undo") }

  @Test("an apply that is stopped is killed ten seconds after its time, and not before")
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
    "an apply that is at work is left as long as a step may take, and killed when it does nothing for longer")
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

  @Test("whatever else has the lock is named, waited for, and not killed")
  func other() {
    for seconds in [31, 41, 1000] {
      #expect(
        decision(look(at: seconds, holder: Self.other)).hasPrefix("wait for \(Self.other)"))
      #expect(
        decision(look(at: seconds, apply: .stopped, holder: Self.other)).hasPrefix("wait for"))
      // Another process has the number of the apply by now.
      #expect(decision(look(at: seconds, apply: .gone, holder: Self.apply)).hasPrefix("wait for"))
    }
    #expect(decision(look(at: 30, holder: Self.other)) == "wait")
  }

  @Test("an apply that has let the lock go is none of its business")
  func free() { #expect(decision(look(at: 31, apply: .stopped)) == "undo") }

  @Test("after a try that failed it tries again, ever less often, and for ever")
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
    // A try that has begun makes the journal longer.
    watchdog.failed(at: look(at: now).now, hasBegun: true)
    #expect(isWaiting(watchdog.decision(on: look(at: now + 299))))
    #expect(watchdog.decision(on: look(at: now + 300)) == .undo)
    // A restarted watchdog does not wait again.
    #expect(Watchdog().decision(on: look(at: now)) == .undo)
  }
}

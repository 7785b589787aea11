import Files
import HostModel
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("The deadline to confirm an apply")
struct DeadlineTests {
  private static let boot = "00000000-0000-4000-8000-000000000001"
  private static let otherBoot = "00000000-0000-4000-8000-000000000002"
  private static let run = RunRecord(
    process: ProcessIdentity(number: 812, start: 4711, boot: boot), libvirt: nil, stepTimeout: 60,
    unplugTimeout: 20, jobs: 1)
  private let header = ExecutionTests.header(confirmWithin: 60, run: run)

  private func deadline(_ entries: JournalEntry...) throws -> Int {
    let deadline = try #require(journal(1, header, entries).deadline)
    return try #require(deadline.moment.uptime) / 1000
  }

  // The journal starts at 1000 s, and has one entry per second.

  @Test("counts from the last entry of the run")
  func fromEnd() throws {
    let step = smallPlan.steps[0]
    #expect(try deadline() == 1060)
    #expect(try deadline(.starting(step, as: step.action)) == 1061)
    #expect(try deadline(.starting(step, as: step.action), .done(step, took: .zero)) == 1062)
    #expect(try deadline(.ended(.success)) == 1061)
    #expect(try deadline(.ended(.left)) == 1061)
  }

  @Test("is not postponed by entries of the rollback, but by entries of a run that continues")
  func ways() throws {
    let step = smallPlan.steps[0]
    let way = { JournalEntry.recovering($0, smallPlan, boot: nil) }
    #expect(try deadline(.ended(.success), .unconfirmed("busy")) == 1061)
    #expect(try deadline(.ended(.success), way(.back), .undoing(step, by: step.action)) == 1061)
    #expect(try deadline(way(.back), .ended(.partlyUndone), .unconfirmed("x"), way(.back)) == 1060)
    #expect(try deadline(way(.forward), .starting(step, as: step.action), .ended(.success)) == 1063)
  }

  @Test("does not depend on the wall clock, which changes only the displayed time")
  func clockSteps() throws {
    let deadline = try #require(journal(1, header, [.ended(.success)]).deadline)
    for step in [0, 86_400_000, -86_400_000] {
      let wall = Timestamp(milliseconds: 1_800_000_000_000 + step)
      let now = Moment(at: wall, uptime: 1_041_000)
      #expect(deadline.left(at: now, boot: Self.boot) == 20_000)
      #expect(deadline.timestamp(at: now, boot: Self.boot) == wall.adding(seconds: 20))
    }
  }

  @Test("is over after a reboot, also where the clock is wrong")
  func otherBoot() throws {
    let deadline = try #require(journal(1, header, [.ended(.success)]).deadline)
    for wall in [0, 1_900_000_000_000] {
      let now = Moment(at: Timestamp(milliseconds: wall), uptime: 5000)
      #expect(deadline.left(at: now, boot: Self.otherBoot) < 0)
      #expect(deadline.timestamp(at: now, boot: Self.otherBoot) == deadline.moment.at)
    }
  }

  @Test("uses the wall clock where the journal does not record the time since the boot")
  func olderJournal() throws {
    var older = journal(1, ExecutionTests.header(confirmWithin: 60), [.ended(.success)])
    older.start.uptime = nil
    older.lines[0].moment.uptime = nil
    let deadline = try #require(older.deadline)
    let now = Moment(at: older.began.adding(seconds: 41), uptime: 5000)
    #expect(deadline.left(at: now, boot: Self.boot) == 20_000)
  }
}

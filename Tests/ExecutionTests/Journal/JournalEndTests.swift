import Documents
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

/// Whether the journals allow a change of the host, and which effects of each run are left.
@Suite("The outcome of a run in its journal")
struct JournalEndTests {
  private static let steps = smallPlan.steps

  /// The obstacle to the next run after these journals were written.
  private func obstacle(_ journals: (Journal.Header, [JournalEntry])...) throws -> String {
    try withFolder { (folder) throws in
      let store = JournalStore(folder)
      for (header, entries) in journals {
        let file = try store.begin(header, keep: 1000)
        for entry in entries { try file.append(entry) }
      }
      return switch try store.obstacle() {
      case nil: "none"
      case .open(let journal): "open \(journal.id)"
      case .awaitsConfirmation(let journal): "awaits \(journal.id)"
      }
    }
  }

  private let apply = header()
  private let waiting = header(confirmWithin: 60)
  private let whole = header(smallPlan, .rollback(of: 1, only: []))
  private let part = header(smallPlan, .rollback(of: 1, only: [.nic("lan")]))
  private let done = [JournalEntry.ended(.success)]

  @Test(
    "The end of a run settles it or leaves it open",
    arguments: zip(
      [Outcome.End?.none, .success, .stuck, .undone, .left, .partlyUndone],
      ["open 1", "none", "open 1", "none", "none", "open 1"]))
  func ends(end: Outcome.End?, expected: String) throws {
    for header in [apply, whole, part] {
      #expect(try obstacle((header, end.map { [.ended($0)] } ?? [])) == expected)
    }
    // Changes that stay on the host wait for confirmation, also where they are only a part.
    let isLeft = end == .success || end == .left
    #expect(try obstacle((waiting, end.map { [.ended($0)] } ?? [])) == (isLeft ? "awaits 1" : expected))
  }

  @Test("Steps after the end open a run again; confirmations and notes do not")
  func behind() throws {
    let step = Self.steps[0]
    #expect(try obstacle((apply, done + [.confirmed(by: "root")])) == "none")
    #expect(try obstacle((apply, [.ended(.stuck), .recovering(.back, smallPlan, boot: nil)])) == "open 1")
    #expect(
      try obstacle((apply, [.ended(.stuck), .recovering(.back, smallPlan, boot: nil), .ended(.undone)]))
        == "none")
    #expect(try obstacle((apply, [.ended(.partlyUndone), .unconfirmed("busy")])) == "open 1")
    #expect(try obstacle((apply, done + [.undoing(step, by: step.action)])) == "open 1")
  }

  @Test("An apply waits for confirmation until it is confirmed or rolled back completely")
  func waits() throws {
    #expect(try obstacle((waiting, done)) == "awaits 1")
    #expect(try obstacle((waiting, done + [.confirmed(by: "root")])) == "none")
    #expect(try obstacle((waiting, done + [.unconfirmed("busy")])) == "awaits 1")
    #expect(try obstacle((waiting, done), (whole, done)) == "none")
    #expect(try obstacle((waiting, done), (part, done)) == "awaits 1")
    #expect(try obstacle((waiting, done), (part, done), (whole, done)) == "none")
    #expect(try obstacle((waiting, done), (whole, [.ended(.undone)])) == "awaits 1")
    #expect(try obstacle((waiting, done), (whole, [.ended(.left)])) == "awaits 1")
    #expect(try obstacle((waiting, done), (whole, [])) == "open 2")
    #expect(try obstacle((waiting, done), (whole, [.ended(.stuck)])) == "open 2")
    #expect(
      try obstacle((waiting, done), (whole, [.ended(.undone)]), (part, [.ended(.undone)])) == "awaits 1")
    #expect(
      try obstacle((waiting, done), (whole, [.ended(.undone)]), (part, [.ended(.partlyUndone)])) == "open 3")
    #expect(try obstacle((waiting, [.ended(.undone)]), (apply, done)) == "none")
  }

  @Test("Only the newest run can be open")
  func older() throws {
    #expect(try obstacle((apply, []), (apply, done)) == "none")
    #expect(try obstacle((apply, done), (apply, [])) == "open 2")
  }

  @Test("A run that an operator left as it is does not wait for confirmation")
  func leave() throws {
    let left = [JournalEntry.recovering(.leave, smallPlan, boot: nil), .ended(.left)]
    #expect(try obstacle((waiting, left)) == "none")
    #expect(try obstacle((waiting, [.ended(.partlyUndone)] + left)) == "none")
    #expect(try obstacle((waiting, [.ended(.left), .confirmed(by: "root")])) == "none")
  }

  @Test("An apply that was undone for lack of confirmation is settled, and records that reason")
  func notConfirmed() throws {
    let undone = done + [.unconfirmed("locked"), .recovering(.back, smallPlan, boot: nil), .ended(.undone)]
    #expect(try obstacle((waiting, undone)) == "none")
    #expect(journal(1, waiting, undone).wasNotConfirmed)
    #expect(!journal(1, waiting, [.ended(.undone)]).wasNotConfirmed)
    // The apply was interrupted, and recovered by an operator.
    let recovered: [JournalEntry] = [.recovering(.back, smallPlan, boot: nil), .ended(.undone)]
    #expect(!journal(1, waiting, recovered).wasNotConfirmed)
    #expect(journal(1, waiting, undone).reasonNotUndone == "locked")
  }

  @Test("The rollback of a rollback puts the apply in effect again")
  func rolledBack() {
    func run(_ id: Int, _ task: Journal.RunKind, _ end: Outcome.End = .success) -> Journal {
      journal(id, header(smallPlan, task), [.ended(end)])
    }
    let back = { (id: Int) in Journal.RunKind.rollback(of: id, only: []) }
    #expect([run(1, .apply), run(2, back(1))].rolledBack == [1: 2])
    #expect(
      [run(1, .apply), run(2, back(1), .undone), run(3, .rollback(of: 1, only: [.nic("a")]))].rolledBack
        == [:]
    )
    #expect([run(1, .apply), run(2, back(1)), run(3, back(2))].rolledBack == [2: 3])
    #expect([run(1, .apply), run(2, back(1)), run(3, back(2)), run(4, back(3))].rolledBack == [1: 2, 3: 4])
    #expect([run(1, .apply), run(2, back(1)), run(3, back(2)), run(4, back(1))].rolledBack == [1: 4, 2: 3])
  }

  // MARK: Effects

  private func effects(_ entries: JournalEntry...) -> [String] {
    journal(1, header(), entries).effects.map { "\($0.step.id)\($0.isDone ? "" : "?")" }
  }

  @Test("Each entry changes the effects that are left of a run")
  func left() {
    let one = Self.steps[1]
    let two = Self.steps[2]
    let failure = HostFailure(.refused, "no")
    let a = one.id
    let b = two.id
    #expect(effects() == [])
    #expect(effects(.starting(one, as: one.action)) == [a + "?"])
    #expect(effects(.alreadyDone(one)) == [])
    #expect(effects(.skipped(one), .failed(one, failure, took: .zero)) == [])
    #expect(effects(.starting(one, as: one.action), .failed(one, failure, took: .zero)) == [a + "?"])
    #expect(effects(.starting(one, as: one.action), .done(one, took: .zero)) == [a])
    let both: [JournalEntry] = [
      .starting(one, as: one.action), .done(one, took: .zero), .starting(two, as: two.action),
      .done(two, took: .zero),
    ]
    func after(_ more: JournalEntry...) -> [String] {
      journal(1, header(), both + more).effects.map { "\($0.step.id)\($0.isDone ? "" : "?")" }
    }
    #expect(after() == [a, b])
    #expect(after(.ended(.success), .confirmed(by: "root"), .unconfirmed("x")) == [a, b])
    #expect(after(.undoing(two, by: two.action)) == [a, b + "?"])
    #expect(after(.undoing(two, by: two.action), .undone(two, took: .zero)) == [a])
    #expect(after(.undoing(two, by: two.action), .undoFailed(two, failure)) == [a, b + "?"])
    #expect(after(.undoFailed(one, failure)) == [a + "?", b])
    #expect(after(.found(two, .notDone)) == [a])
    #expect(after(.found(two, .partly)) == [a, b + "?"])
    #expect(after(.found(two, .partly), .found(two, .done)) == [a, b])
    #expect(after(.recovering(.back, smallPlan, boot: nil)) == [a, b])
    // The steps of these entries were never started.
    #expect(effects(.done(one, took: .zero), .undone(two, took: .zero), .found(one, .done)) == [])
  }

  @Test("A step that was started twice is undone to the state before the first start")
  func begunTwice() throws {
    let step = try #require(smallPlan.step("bind/0000:03:00.0"))
    let own = Binding(driver: "igb", override: nil)
    let none = Binding(driver: nil, override: "vfio-pci")
    let guest = Binding(driver: "vfio-pci", override: "vfio-pci")
    let first = Action.bind(pci("03:00.0"), from: own, to: guest)
    let second = Action.bind(pci("03:00.0"), from: none, to: guest)
    let again = journal(
      1, header(), [.starting(step, as: first), .starting(step, as: second), .done(step, took: .zero)])
    #expect(again.effects == [Effect(step: step, action: first, isDone: true)])
    // The step was undone by hand in between.
    let twice = journal(
      1, header(),
      [
        .starting(step, as: first), .done(step, took: .zero), .starting(step, as: second),
        .done(step, took: .zero),
      ])
    #expect(twice.effects == [Effect(step: step, action: first, isDone: true)])
    #expect(twice.planOfEffects.steps.map(\.action) == [first])
  }

  @Test("VF settings that two tries changed are undone to the state before the first")
  func settingsTwice() throws {
    let place = VFLocation(address: pci("06:10.0"), physicalFunction: pci("06:00.0"), index: 0)
    let step = Step(
      id: "configure/x", action: .load(module: "x"), nic: nil, guest: nil, reason: .claimed, because: "",
      disturbs: .nothing,
      after: [], origin: nil)
    func settings(_ mac: String, _ vlan: Int) -> VFSettings {
      VFSettings(mac: TestSupport.mac(mac), vlan: VLAN(id: vlan, qos: 0))
    }
    let to = settings("02:00:00:00:00:09", 9)
    let first = Action.configure(place, from: settings("02:00:00:00:00:01", 1), to: to)
    let half = Action.configure(place, from: settings("02:00:00:00:00:09", 1), to: to)
    let effects = journal(1, header(), [.starting(step, as: first), .starting(step, as: half)]).effects
    #expect(effects.map(\.action) == [first])
  }
}

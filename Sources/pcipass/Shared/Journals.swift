import Documents
import Execution
import Manifests
import Planning

extension JournalStore {
  /// The journal of a number that somebody gave.
  func required(_ id: Int) throws -> Journal {
    if let journal = try orFail({ () throws(Diagnostics) in try journal(id) }) { return journal }
    throw fail(
      "no-journal", "there is no apply or rollback \(id) on this host", help: "pcipass history lists them")
  }

  /// All that can be read; what is wrong with the others is said.
  func allReadable() throws -> [Journal] {
    let (journals, problems) = try orFail(readable)
    warn(problems.map(\.asWarning))
    return journals
  }

  /// What is recorded of the last apply. What would be pruned must be compared with it; otherwise a journal that cannot be
  /// read is no reason not to plan.
  func lastApply(for request: Request) throws -> LastApply {
    guard request.prune else { return (try? lastApply(skipping: { _ in })) ?? LastApply() }
    return try orFail { () throws(Diagnostics) in try lastApply(skipping: { warn($0.map(\.asWarning)) }) }
  }

  private func lastApply(skipping unreadable: ([Diagnostic]) -> Void) throws(Diagnostics) -> LastApply {
    for id in try ids().reversed() {
      do throws(Diagnostics) {
        if let journal = try journal(id), journal.header.task == .apply {
          return LastApply(journal.header.plan)
        }
      } catch {
        unreadable(error.all)
      }
    }
    return LastApply()
  }

  /// The last apply that has left something and was not taken back.
  func last() throws -> Journal? {
    let all = try orFail(all)
    let gone = all.takenBack
    return all.last { journal in
      // A module that was loaded is left by what was undone, too.
      journal.header.task == .apply && gone[journal.id] == nil
        && journal.effects.contains { $0.action.inverse != nil }
    }
  }
}

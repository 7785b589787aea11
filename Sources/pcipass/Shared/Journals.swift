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

  /// The guests of the last apply.
  func lastGuests() throws -> [GuestManifest] {
    try allReadable().last { $0.header.task == .apply }?.request.guests ?? []
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

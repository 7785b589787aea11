import Documents
import Planning

extension JournalStore {
  /// The journal of a number that was typed.
  ///
  /// - Throws: code `no-journal` where there is none.
  public func required(_ id: Int) throws(Diagnostics) -> Journal {
    if let journal = try journal(id) { return journal }
    throw Diagnostics(
      code: "no-journal", "there is no apply or rollback \(id) on this host",
      help: "pcipass history lists them")
  }

  /// What is recorded of the last apply. A plan that prunes must be compared with it. For any other plan it is of use, and a
  /// journal that cannot be read is no reason not to plan.
  ///
  /// - Returns: also what is wrong with journals that were passed over.
  public func lastApply(
    for request: Request
  ) throws(Diagnostics) -> (record: LastApply, problems: [Diagnostic]) {
    if request.prune { return try lastApply() }
    return ((try? lastApply())?.record ?? LastApply(), [])
  }

  private func lastApply() throws(Diagnostics) -> (record: LastApply, problems: [Diagnostic]) {
    var problems: [Diagnostic] = []
    for id in try ids().reversed() {
      do throws(Diagnostics) {
        if let journal = try journal(id), journal.header.task == .apply {
          return (LastApply(journal.header.plan), problems)
        }
      } catch {
        problems += error.all
      }
    }
    return (LastApply(), problems)
  }

  /// The last apply that has left something and was not rolled back.
  public func lastInEffect() throws(Diagnostics) -> Journal? {
    let all = try all()
    let gone = all.rolledBack
    return all.last { journal in
      // A module that was loaded is left by what was undone, too.
      journal.header.task == .apply && gone[journal.id] == nil
        && journal.effects.contains { $0.action.inverse != nil }
    }
  }
}

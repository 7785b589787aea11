import Documents
import Planning

extension JournalStore {
  /// Returns the journal with the number that the operator gave.
  ///
  /// - Throws: `no-journal` if there is none.
  public func required(_ id: Int) throws(Diagnostics) -> Journal {
    if let journal = try journal(id) { return journal }
    throw Diagnostics(
      code: "no-journal", "there is no apply or rollback \(id) on this host",
      help: "pcipass history lists them")
  }

  /// Returns the record of the last apply whose journal can be read. A plan with `--prune` must be
  /// compared with it, so errors are reported. Other plans can be made without it, so errors are
  /// ignored.
  ///
  /// - Returns: also the problems of journals that were skipped.
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
        if let journal = try journal(id), journal.header.task == .apply, journal.request.part == .everything {
          return (LastApply(journal.header.plan), problems)
        }
      } catch {
        problems += error.all
      }
    }
    return (LastApply(), problems)
  }

  /// Returns the last apply of a saved plan.
  public func lastApply(of plan: Plan) throws(Diagnostics) -> Journal? {
    try all().last { $0.header.task == .apply && $0.header.plan.isSame(as: plan) }
  }

  /// Returns the last apply that has effects on the host and was not rolled back.
  public func lastInEffect() throws(Diagnostics) -> Journal? {
    let all = try all()
    let gone = all.rolledBack
    return all.last { journal in
      // A loaded module alone does not count, because an undo does not unload it.
      journal.header.task == .apply && gone[journal.id] == nil
        && journal.effects.contains { $0.action.inverse != nil }
    }
  }
}

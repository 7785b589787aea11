import Documents
import Files
import HostModel
import Planning
import SystemPackage

/// The boot record of a state folder, `boot.json`.
public struct BootStore: Sendable {
  private let folder: String

  /// - Parameter folder: the path of the state folder.
  public init(_ folder: String) { self.folder = folder }

  static let file = StateFile("boot.json", BootRecord.form) { record, node, source throws(Diagnostics) in
    guard Set(record.entries.map(\.address)).count == record.entries.count else {
      throw Diagnostics(
        code: "duplicate", "a function is listed twice",
        at: SourceLocation(source: source, position: node["entries"]?.position ?? node.position))
    }
  }

  /// Reads the record; empty if there is none.
  ///
  /// - Throws: if the folder or the file cannot be trusted or read, or is not valid.
  public func load() throws(Diagnostics) -> BootRecord { try Self.file.load(from: folder) ?? BootRecord() }

  /// Replaces the record by what `change` makes of it.
  ///
  /// A lock of its own keeps commands that only look at the host from overwriting what an apply records. It is
  /// held only while the file is read and written.
  @discardableResult
  public func update(
    _ change: (BootRecord) throws(Diagnostics) -> BootRecord
  ) throws(Diagnostics) -> BootRecord {
    let lock: FileLock
    do throws(FileError) { lock = try StateFolder(folder).lock("boot.lock") } catch {
      throw Diagnostics(code: "state-folder", error)
    }
    do throws(Errno) { try lock.take(within: .seconds(10)) } catch {
      throw Diagnostics(code: "locked", "\(folder)/boot.lock cannot be locked: \(error)")
    }
    defer { lock.release() }
    let before = try load()
    let after = try change(before)
    if after != before { try Self.file.save(after, to: folder) }
    return after
  }

  /// Adds the changes of final runs that the record does not contain yet: of the run that has just ended or was
  /// confirmed, and of runs after whose end pcipass was killed.
  ///
  /// - Parameter host: the host as it was just seen; nil if it was not looked at.
  /// - Returns: the record.
  @discardableResult
  public func catchUp(seeing host: HostIndex?, at now: Timestamp = .now) throws(Diagnostics) -> BootRecord {
    try update { before throws(Diagnostics) in
      var record = try before.catchingUp(with: JournalStore(folder))
      if record.entries != before.entries { record.machine = host?.state.machine ?? record.machine }
      return try host.map { host throws(Diagnostics) in try seeing(host, record, at: now) } ?? record
    }
  }

  private func seeing(
    _ host: HostIndex, _ record: BootRecord, at now: Timestamp
  ) throws(Diagnostics) -> BootRecord {
    let unfinished = try JournalStore(folder).obstacle()?.journal
    return record.seeing(
      host, at: Sighting(at: now, boot: host.state.kernel.bootID),
      without: Set(unfinished?.header.plan.steps.compactMap(\.action.function) ?? []))
  }

  /// Records that pcipass has looked at the host. Does nothing if nothing is recorded.
  ///
  /// - Returns: the record.
  public func saw(_ host: HostIndex, at now: Timestamp = .now) throws(Diagnostics) -> BootRecord {
    let before = try load()
    guard !before.entries.isEmpty else { return before }
    return try update { before throws(Diagnostics) in try seeing(host, before, at: now) }
  }
}

extension BootRecord {
  /// Returns the record with the changes of all final runs after the last one that it contains. It stops at a
  /// run that is not final.
  ///
  /// - Parameter isConfirmed: whether a run that waits for its confirmation counts as final.
  public func catchingUp(
    with store: JournalStore, asIfConfirmed isConfirmed: Bool = false
  ) throws(Diagnostics) -> BootRecord {
    var result = self
    let ids = try store.ids()
    // Numbers start again after the journals were lost.
    if let last = ids.last, last < run { result.run = 0 }
    var later: [Journal]?
    for id in ids where id > result.run {
      // A journal that cannot be read changes nothing.
      if let journal = (try? store.journal(id)) ?? nil {
        if journal.isOpen { break }
        var isVoid = false
        if journal.awaitsConfirmation {
          if later == nil { later = try store.readable().journals }
          isVoid = later?.rolledBack[id] != nil
          guard isVoid || isConfirmed else { break }
        }
        if !isVoid, let change = journal.bootChange {
          result = result.applying(change)
        }
      }
      result.run = id
    }
    return result
  }
}

extension Journal {
  /// What the run has changed of the boot record; nil if it was undone, or an earlier version recorded it.
  public var bootChange: BootChange? {
    guard end == .success || end == .left else { return nil }
    for case .recorded(let change) in entries.reversed() { return change }
    return nil
  }

  /// Computes what the run changes of the boot record, when its steps have ended.
  ///
  /// - Parameters:
  ///   - record: the record before it.
  ///   - end: how it ends.
  ///   - undone: the run that it undoes.
  ///   - left: the plan for what still differs from the manifests.
  public func bootChange(
    of record: BootRecord, ending end: Outcome.End, undoing undone: Journal?, on host: HostIndex,
    without left: Plan, at now: Timestamp = .now
  ) -> BootChange {
    guard end == .success || end == .left else { return BootChange() }
    let touched = Set(effects.compactMap(\.action.function))
    guard header.task == .apply else {
      // A run of an earlier version recorded nothing. What it set up is not set up again.
      var change =
        undone?.bootChange?.inverse
        ?? BootChange(
          of: record, to: Dictionary(touched.map { ($0, nil) }, uniquingKeysWith: { one, _ in one }))
      if isWholeRollbackOf == nil || end == .left {
        change = change.part(about: touched.union(header.plan.steps.compactMap(\.action.function)))
      }
      return BootChange(of: record, by: change)
    }
    let provenance = BootEntry.Provenance(run: id, revision: header.plan.revision)
    var goal = ResolvedRequest(request.remaining, on: host).bootEntries(from: provenance, without: left)
    if end == .left { goal = goal.filter { touched.contains($0.key) } }
    // A guest that the run is limited to may have lost a function that the run does not include otherwise.
    let lost = touched.subtracting(left.differingFunctions).filter { goal[$0] == nil }
    if !lost.isEmpty {
      var all = request.remaining
      all.targets = []
      let resolved = ResolvedRequest(all, on: host)
      let others = resolved.bootEntries(from: provenance, without: Planner.plan(resolved))
      for address in lost { goal[address] = others[address] ?? .some(nil) }
    }
    // The manifests of a recovery are in the journal, and those of a saved plan in its file. Steps name the lines
    // that they came from.
    let origins = Dictionary(
      header.plan.steps.compactMap { step in step.action.function.map { ($0, step.origin) } },
      uniquingKeysWith: { one, other in one ?? other })
    for (address, entry) in goal {
      guard var entry else { continue }
      entry.provenance.origin = origins[address] ?? nil
      goal[address] = entry
    }
    return BootChange(of: record, to: goal.seen(on: host, at: now, since: record))
  }
}

extension BootRecord {
  /// Returns the record after an apply found that the host needs no change.
  public func confirming(
    _ resolved: ResolvedRequest, _ plan: Plan, at now: Timestamp = .now
  ) -> BootRecord {
    let goal = resolved.bootEntries(
      from: BootEntry.Provenance(run: nil, revision: plan.revision), without: plan)
    var result = applying(BootChange(of: self, to: goal.seen(on: resolved.host, at: now, since: self)))
    if result != self { result.machine = resolved.host.state.machine ?? machine }
    return result
  }
}

extension [PCIAddress: BootEntry?] {
  /// Returns the entries, seen now. The UUID of a guest stays if the run did not look at guests.
  fileprivate func seen(on host: HostIndex, at now: Timestamp, since record: BootRecord) -> Self {
    mapValues { entry in
      guard var entry else { return nil }
      if let guest = entry.guest, guest.uuid == nil, let known = record[entry.address]?.guest,
        known.name == guest.name
      {
        entry.guest = known
      }
      entry.seen = Sighting(at: now, boot: host.state.kernel.bootID)
      return entry
    }
  }
}

import Documents
import HostModel

/// What a run changes of the boot record. Its inverse belongs to the rollback of the run.
public struct BootChange: Sendable, Equatable {
  public var removed: [BootEntry]
  public var added: [BootEntry]

  public init(removed: [BootEntry] = [], added: [BootEntry] = []) {
    self.removed = removed
    self.added = added
  }

  /// Returns the change from a record to one in which these functions have these entries, or none.
  public init(of record: BootRecord, to goal: [PCIAddress: BootEntry?]) {
    self.init()
    for (address, entry) in goal.sorted(by: { $0.key < $1.key }) {
      let before = record[address]
      if let before, let entry, before.isSame(as: entry) { continue }
      if let before { removed.append(before) }
      if let entry { added.append(entry) }
    }
  }

  /// Returns the change that another one makes of a record.
  public init(of record: BootRecord, by change: BootChange) {
    let after = record.applying(change)
    self.init(
      of: record,
      to: Dictionary(change.functions.map { ($0, after[$0]) }, uniquingKeysWith: { one, _ in one }))
  }

  public var isEmpty: Bool { removed.isEmpty && added.isEmpty }

  public var inverse: BootChange { BootChange(removed: added, added: removed) }

  /// The functions that the change is about.
  public var functions: Set<PCIAddress> { Set((removed + added).map(\.address)) }

  /// Returns the part of the change about some functions and their VFs.
  public func part(about functions: Set<PCIAddress>) -> BootChange {
    func isMeant(_ entry: BootEntry) -> Bool {
      functions.contains(entry.address) || entry.physicalFunction.map(functions.contains) ?? false
    }
    return BootChange(removed: removed.filter(isMeant), added: added.filter(isMeant))
  }

  public static let form = Form<BootChange>.record(
    "BootChange", "What changes of the boot record.",
    Field("removed", \.removed, .list(of: BootEntry.form), default: [], "The entries before."),
    Field("added", \.added, .list(of: BootEntry.form), default: [], "The entries after."),
    make: BootChange.init)
}

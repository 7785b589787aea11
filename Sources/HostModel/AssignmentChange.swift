import Documents

/// What a run changes of the remembered assignments. Its undo restores them.
public struct AssignmentChange: Sendable, Equatable {
  public var removed: [RememberedAssignment]
  public var added: [RememberedAssignment]
  /// Whether anything was recorded before. Nothing recorded is another state than an empty record.
  public var wasKnown: Bool
  /// Whether anything is recorded after it.
  public var isKnown: Bool

  public init(
    removed: [RememberedAssignment], added: [RememberedAssignment], wasKnown: Bool, isKnown: Bool
  ) {
    self.removed = removed
    self.added = added
    self.wasKnown = wasKnown
    self.isKnown = isKnown
  }

  public init(from old: [RememberedAssignment]?, to new: [RememberedAssignment]?) {
    let (before, after) = (Set(old ?? []), Set(new ?? []))
    self.init(
      removed: (old ?? []).filter { !after.contains($0) }, added: (new ?? []).filter { !before.contains($0) },
      wasKnown: old != nil, isKnown: new != nil)
  }

  public static let none = AssignmentChange(removed: [], added: [], wasKnown: true, isKnown: true)

  public var isEmpty: Bool { removed.isEmpty && added.isEmpty && wasKnown == isKnown }

  public var inverse: AssignmentChange {
    AssignmentChange(removed: added, added: removed, wasKnown: isKnown, isKnown: wasKnown)
  }

  /// Returns the record after the change. What was recorded since for the same NIC of a guest, or for the same
  /// function, stays.
  public func applied(to record: [RememberedAssignment]?) -> [RememberedAssignment]? {
    let gone = Set(removed)
    var result = (record ?? []).filter { !gone.contains($0) }
    for entry in added
    where !result.contains(where: {
      $0.address == entry.address || ($0.guest, $0.nic) == (entry.guest, entry.nic)
    }) {
      result.append(entry)
    }
    if result.isEmpty, !isKnown { return nil }
    return result.sorted { ($0.guest, $0.nic) < ($1.guest, $1.nic) }
  }

  /// Returns the change without the NICs of guests that it moves from or to one of these functions.
  public func leaving(_ functions: Set<PCIAddress>) -> AssignmentChange {
    part { _, addresses in !addresses.contains(where: functions.contains) }
  }

  /// Returns the part about some NICs of guests.
  ///
  /// - Parameter isMeant: is called with a guest and the functions that one of its NICs had and gets.
  public func part(_ isMeant: (String, [PCIAddress]) -> Bool) -> AssignmentChange {
    let meant = Dictionary(grouping: removed + added) { [$0.guest, $0.nic] }
      .mapValues { entries in isMeant(entries[0].guest, entries.map(\.address)) }
    func filtered(_ entries: [RememberedAssignment]) -> [RememberedAssignment] {
      entries.filter { meant[[$0.guest, $0.nic]] ?? false }
    }
    return AssignmentChange(
      removed: filtered(removed), added: filtered(added), wasKnown: wasKnown, isKnown: isKnown)
  }

  public static let form = Form<AssignmentChange>.record(
    "AssignmentChange", "What changes of the remembered assignments.",
    Field("removed", \.removed, .list(of: RememberedAssignment.form), "The entries before."),
    Field("added", \.added, .list(of: RememberedAssignment.form), "The entries after."),
    Field("wasKnown", \.wasKnown, .boolean, "Whether anything was recorded before."),
    Field("isKnown", \.isKnown, .boolean, "Whether anything is recorded after."),
    make: AssignmentChange.init)
}

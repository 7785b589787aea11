import Documents
import HostModel

/// The stored assignments of members of pools, which guests that do not run cannot show.
public struct AssignmentStore: Sendable, Equatable {
  public var entries: [RememberedAssignment]

  public init(entries: [RememberedAssignment]) { self.entries = entries }

  private static let version = "pcipass/v1"

  /// The file in the state folder.
  public static let file = StateFile(
    "assignments.json",
    Form<AssignmentStore>.record(
      "Assignments", "What pcipass assigned to claims of pools.",
      Field(
        "apiVersion", { _ in version }, .constant(version, "a supported version"),
        "The version of this format."),
      Field(
        "kind", { _ in "Assignments" }, .constant("Assignments", "the kind of this document"),
        "What this document is."),
      Field("entries", \.entries, .list(of: RememberedAssignment.form), "One entry for each NIC of a guest."),
      make: { _, _, entries in AssignmentStore(entries: entries) }))

  /// Returns the entries of a state folder; nil if there are none, and the reason if they cannot be read.
  static func observed(in folder: String) -> Observed<[RememberedAssignment]>? {
    do throws(Diagnostics) { return try file.load(from: folder).map { .known($0.entries) } } catch {
      return .unavailable(error.all.first?.placed ?? error.message)
    }
  }

  /// Changes the file. It is removed where nothing is recorded any longer.
  static func remember(_ change: AssignmentChange, in folder: String) throws(Diagnostics) {
    let before = try file.load(from: folder)?.entries
    let after = change.applied(to: before)
    guard after != before else { return }
    if let after {
      try file.save(AssignmentStore(entries: after), to: folder)
    } else {
      try file.remove(from: folder)
    }
  }
}

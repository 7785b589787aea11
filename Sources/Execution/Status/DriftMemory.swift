import Documents
import Files
import HostModel
import Hosts
import Planning

/// The time when each difference from the manifests was first seen.
public struct DriftMemory: Sendable, Equatable {
  /// Identifies a difference without its values: if the values change, the difference continues.
  struct Key: Sendable, Hashable {
    /// `nic/lan`, `function/0000:03:00.0`, or `host`.
    var subject: String
    /// The kind of the difference, or the code of the refusal.
    var what: String
    var guest: String?
  }

  struct Entry: Sendable, Equatable {
    var key: Key
    var since: Timestamp
  }

  private(set) var entries: [Entry]

  init(entries: [Entry]) { self.entries = entries }

  public init() { entries = [] }

  /// Whether no difference is recorded.
  public var isEmpty: Bool { entries.isEmpty }

  /// Returns the memory updated by a status: new differences are added, and those that the status
  /// does not contain are removed.
  public func remembering(_ status: HostStatus, at now: Timestamp) -> DriftMemory {
    let known = Dictionary(entries.map { ($0.key, $0.since) }, uniquingKeysWith: min)
    var seen: Set<Key> = []
    let keys = (status.nics.flatMap { Key.all($0.subject, $0.findings) } + Key.all(Self.host, status.rest))
      .filter { seen.insert($0).inserted }
    // The wall clock may have been wrong, so no time is later than now.
    return DriftMemory(entries: keys.map { Entry(key: $0, since: min(known[$0] ?? now, now)) })
  }

  /// The subject of differences that are not about a NIC.
  public static let host = "host"

  /// Returns the time when a difference was first seen.
  public func since(_ difference: Difference, of subject: String) -> Timestamp? {
    since(Key(subject, difference))
  }

  /// Returns the time when a refusal was first seen.
  public func since(_ refusal: Refusal, of subject: String) -> Timestamp? { since(Key(subject, refusal)) }

  /// Returns the time when any part of the verdict was first seen.
  public func since(_ findings: StatusFindings, of subject: String) -> Timestamp? {
    Key.all(subject, findings).compactMap(since).min()
  }

  private func since(_ key: Key) -> Timestamp? { entries.first { $0.key == key }?.since }
}

extension DriftMemory.Key {
  init(_ subject: String, _ difference: Difference) {
    self.init(subject: subject, what: difference.category.rawValue, guest: difference.guest)
  }

  init(_ subject: String, _ refusal: Refusal) {
    self.init(subject: subject, what: "refused: " + refusal.code.rawValue, guest: refusal.guest)
  }

  static func all(_ subject: String, _ findings: StatusFindings) -> [Self] {
    findings.differences.map { Self(subject, $0) } + findings.refusals.map { Self(subject, $0) }
  }
}

extension DriftMemory {
  private static let version = "pcipass/v1"

  /// The file in the state folder.
  static let file = StateFile("drift.json", form)

  static let form = Form<DriftMemory>.record(
    "Drift", "The time when each difference from the manifests was first seen.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a version that this pcipass reads"),
      "The version of this format."),
    Field("kind", { _ in "Drift" }, .constant("Drift", "remembered drift"), "What this document is."),
    Field("entries", \.entries, .list(of: Entry.form), "One entry for each difference."),
    make: { _, _, entries in DriftMemory(entries: entries) })

  /// Reads the memory from the state folder; empty if the folder or the file does not exist.
  public static func load(from folder: String) throws(Diagnostics) -> DriftMemory {
    try file.load(from: folder) ?? DriftMemory()
  }

  public func save(to folder: String) throws(Diagnostics) { try Self.file.save(self, to: folder) }
}

extension DriftMemory.Entry {
  fileprivate static let form = Form<DriftMemory.Entry>.record(
    "RememberedDrift", "A difference from the manifests.",
    Field("subject", \.key.subject, .freeText, "The NIC, the function, or the host."),
    Field("what", \.key.what, .freeText, "The kind of the difference, as a keyword."),
    Field("guest", \.key.guest, optional: .freeText, "The name of the guest."),
    Field("since", \.since, Timestamp.form, "When it was first seen, in milliseconds since 1970."),
    make: { subject, what, guest, since in
      DriftMemory.Entry(key: DriftMemory.Key(subject: subject, what: what, guest: guest), since: since)
    })
}

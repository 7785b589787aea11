import Documents
import Files
import HostModel
import Planning

/// The text of a journal: one line for each record, which begins with the first half of the SHA-256 of the
/// rest of the line.
///
///     1f3c… {"number": 0, "at": 1796997802123, "header": {…}}
///     90ab… {"number": 1, "at": 1796997802160, "entry": {"starting": {…}}}
enum JournalText {
  static let version = "pcipass/v1"

  static func line(_ header: Journal.Header, at: Moment) -> [UInt8] { line(record(header, at)) }

  static func line(_ line: Journal.Line, number: Int) -> [UInt8] { Self.line(record(line, number)) }

  private static func record(_ header: Journal.Header, _ at: Moment) -> JSON {
    JournalStart.form.encode(JournalStart(at: at, header: header))
  }

  private static func record(_ line: Journal.Line, _ number: Int) -> JSON {
    // Encoding writes only the id of a step, so it needs no steps.
    JournalRecord.form(JournalEntry.form([:])).encode(
      JournalRecord(number: number, at: line.moment, entry: line.entry))
  }

  static func records(of journal: Journal) -> [JSON] {
    [record(journal.header, journal.start)]
      + journal.lines.enumerated().map { record($0.element, $0.offset + 1) }
  }

  private static func line(_ record: JSON) -> [UInt8] {
    let text = Array(record.line.utf8)
    return Array(sum(of: text).utf8) + [UInt8(ascii: " ")] + text + [UInt8(ascii: "\n")]
  }

  private static let digits = 32

  private static func sum(of text: some Sequence<UInt8>) -> String {
    String(SHA256.hexDigest(of: text).prefix(digits))
  }

  /// A journal up to its last whole record.
  struct ParsedJournal {
    var reader: JournalReader
    /// The number of bytes of whole records. Bytes after them belong to a record that an
    /// interruption left incomplete.
    var length: Int

    var journal: Journal? { reader.journal }
  }

  /// - Throws: `damaged-journal` or `unknown-journal` if there is an error that an interruption cannot have
  ///   caused.
  static func read(_ bytes: [UInt8], id: Int, name: String) throws(Diagnostics) -> ParsedJournal {
    var reader = JournalReader(id: id, name: name)
    var length = 0
    for line in lines(of: bytes[...]) {
      guard let text = whole(bytes[line]) else {
        guard !lines(of: bytes[line.upperBound...]).contains(where: { whole(bytes[$0]) != nil }) else {
          throw damaged(name, "record \(reader.count) is damaged, and other records follow it")
        }
        break
      }
      try reader.add(text)
      length = line.upperBound
    }
    return ParsedJournal(reader: reader, length: length)
  }

  /// Returns the error for a complete record that another version of pcipass wrote.
  fileprivate static func unknown(
    _ name: String, _ number: Int, _ reason: Diagnostics, writer: String?
  ) -> Diagnostics {
    Diagnostics(
      code: "unknown-journal",
      "\(name): record \(number) cannot be read by this version of pcipass: \(reason.message)",
      help: "use the pcipass that wrote it\(writer.map { ", version \($0)," } ?? ",") or a later one")
  }

  fileprivate static func writer(_ node: Node) -> String? {
    guard case .scalar(let version)? = node["header"]?["version"]?.content else { return nil }
    return version.text
  }

  fileprivate static func damaged(_ name: String, _ message: String) -> Diagnostics {
    Diagnostics(
      code: "damaged-journal", "\(name): \(message)",
      help: "do not rely on its contents: check the host with pcipass plan, then move the file away")
  }

  /// Whether a run left no effects on the host, because it began no step or undid all. Records are
  /// not decoded, because every journal is checked in this way.
  static func hasNoEffects(_ bytes: [UInt8]) -> Bool {
    var hasBegun = false
    var isUndone = false
    for line in lines(of: bytes[...]).dropFirst() {
      let entry = entry(of: bytes[line])
      if entry.starts(with: starting) { hasBegun = true }
      if entry.starts(with: ended) { isUndone = entry.starts(with: undone) }
    }
    return !hasBegun || isUndone
  }

  private static let entryKey = Array("\"entry\": {".utf8)
  private static let starting = Array("\"starting\": ".utf8)
  private static let ended = Array("\"ended\": ".utf8)
  private static let undone = Array("\"ended\": \"undone\"".utf8)

  /// Returns the text after the key of the entry, which is near the beginning of the line; empty if
  /// there is none. The quotes of a key within a text are escaped.
  private static func entry(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let head = line.prefix(digits + 120)
    for start in head.indices.dropLast(entryKey.count) where head[start...].starts(with: entryKey) {
      return line[(start + entryKey.count)...]
    }
    return []
  }

  /// Returns the ranges of the lines with their line feeds. Text after the last line feed is a line, too.
  private static func lines(of bytes: ArraySlice<UInt8>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.endIndex
      result.append(start..<end)
      start = end
    }
    return result
  }

  /// Returns the record of a line, or `nil` if it is incomplete or does not match its digest.
  static func whole(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.count > digits + 2, line.last == UInt8(ascii: "\n") else { return nil }
    let text = line.dropFirst(digits + 1).dropLast()
    guard line[line.startIndex + digits] == UInt8(ascii: " "),
      line.prefix(digits).elementsEqual(sum(of: text).utf8)
    else { return nil }
    return text
  }
}

/// Reads the records of a journal, one after another.
struct JournalReader {
  /// `nil` before the first record: nothing was begun then.
  private(set) var journal: Journal?
  private(set) var count = 0
  private let id: Int
  private let name: String
  private var steps: [String: Step] = [:]
  private var form = JournalEntry.form([:])

  init(id: Int, name: String) {
    self.id = id
    self.name = name
  }

  mutating func add(_ record: ArraySlice<UInt8>) throws(Diagnostics) {
    let source = Source(name: "\(name), record \(count)", text: Array(record))
    let node: Node
    do { node = try JSONReader.document(of: source) } catch {
      throw JournalText.unknown(name, count, error, writer: journal?.header.version)
    }
    guard case .scalar(let number)? = node["number"]?.content, number.integer == count else {
      throw JournalText.damaged(name, "record \(count) is missing")
    }
    do throws(Diagnostics) { try add(node, source) } catch {
      throw JournalText.unknown(
        name, count, error, writer: journal?.header.version ?? JournalText.writer(node))
    }
    count += 1
  }

  private mutating func add(_ node: Node, _ source: Source) throws(Diagnostics) {
    if count == 0 {
      let start = try JournalStart.form.value(of: node, from: source)
      journal = Journal(id: id, start: start.at, header: start.header)
      learn(start.header.plan)
    } else {
      let record = try JournalRecord.form(form).value(of: node, from: source)
      journal?.lines.append(Journal.Line(record.at, record.entry))
      if case .recovering(_, let plan, _) = record.entry { learn(plan) }
    }
  }

  /// Removes the last record, which could not be written.
  mutating func forgetLast() {
    count -= 1
    if count == 0 { journal = nil } else { journal?.lines.removeLast() }
  }

  /// Adds steps that later records can be about.
  private mutating func learn(_ plan: Plan) {
    for step in plan.steps { steps[step.id] = step }
    form = JournalEntry.form(steps)
  }
}

private struct JournalStart: Sendable {
  let at: Moment
  let header: Journal.Header

  static let form = Form<JournalStart>.record(
    "JournalStart", "The first record of a journal.", Field("number", { _ in 0 }, .integer(0...0), "0"),
    Field("at", \.at.at, Timestamp.form, "The time, in milliseconds since 1970."),
    Field(
      "uptime", \.at.uptime, optional: .uptime, "The time, in milliseconds since the boot (CLOCK_BOOTTIME)."),
    Field("header", \.header, Journal.Header.form, "The run that was started."),
    make: { _, at, uptime, header in JournalStart(at: Moment(at: at, uptime: uptime), header: header) })
}

private struct JournalRecord: Sendable {
  let number: Int
  let at: Moment
  let entry: JournalEntry

  static func form(_ entry: Form<JournalEntry>) -> Form<JournalRecord> {
    .record(
      "JournalRecord", "A record of a journal.",
      Field("number", \.number, .integer(1...Int.max), "Counted from 0."),
      Field("at", \.at.at, Timestamp.form, "The time, in milliseconds since 1970."),
      Field("uptime", \.at.uptime, optional: .uptime, "The time, in milliseconds since the boot."),
      Field("entry", \.entry, entry, "What happened."),
      make: { number, at, uptime, entry in
        JournalRecord(number: number, at: Moment(at: at, uptime: uptime), entry: entry)
      })
  }
}

extension Journal.Header {
  fileprivate static let form = Form<Journal.Header>.record(
    "JournalHeader", "The start of an apply or rollback.",
    Field(
      "apiVersion", { _ in JournalText.version },
      .constant(JournalText.version, "a version that this pcipass reads"),
      "The version of this format."),
    Field("task", \.task, Journal.RunKind.form, "The task."),
    Field("plan", \.plan, Plan.form, "The plan."),
    Field("onFailure", \.onFailure, .choice("an action on failure"), "What is done when a step fails."),
    Field(
      "confirmWithin", \.confirmWithin, optional: .integer(1...31_536_000),
      "The number of seconds within which the apply must be confirmed; otherwise it is undone."),
    Field(
      "assignments", \.assignments, optional: AssignmentChange.form,
      "What it changes of the remembered assignments."),
    Field("run", \.run, optional: RunRecord.form, "The process that executes it, and its options."),
    Field("by", \.by, .freeText, "The user who started it."),
    Field("version", \.version, .freeText, "The version of pcipass that wrote it."),
    Field("boot", \.boot, optional: .freeText, "The id of the boot."),
    make: { _, task, plan, onFailure, confirmWithin, assignments, run, by, version, boot in
      Journal.Header(
        task: task, plan: plan, onFailure: onFailure, confirmWithin: confirmWithin,
        assignments: assignments, run: run, by: by, version: version, boot: boot)
    })
}

extension Journal.RunKind {
  fileprivate static let form = Form<Journal.RunKind>.variants(
    "a task",
    Variant(
      "apply", NoContents.form, wrap: { _ in .apply },
      unwrap: { if case .apply = $0 { NoContents() } else { nil } }
    ),
    Variant(
      "rollback", RollbackTask.form, wrap: { .rollback(of: $0.of, only: $0.only) },
      unwrap: { if case .rollback(let id, let only) = $0 { RollbackTask(of: id, only: only) } else { nil } }))
}

private struct NoContents: Sendable {
  static let form = Form<NoContents>(
    schema: Form<Bool>.boolean.schema,
    decode: { Form<Bool>.boolean.decode($0, &$1).map { _ in NoContents() } },
    encode: { _ in .boolean(true) })
}

private struct RollbackTask: Sendable {
  let of: Int?
  let only: [Target]

  static let form = Form<RollbackTask>.record(
    "RollbackTask", "The run that is rolled back.",
    Field("of", \.of, optional: .integer(1...Int.max), "Its number; that of a plan file has none."),
    Field("only", \.only, .list(of: Target.form), default: [], "The parts to roll back."),
    make: RollbackTask.init)
}

import Documents
import HostModel
import Hosts
import Planning
import TestSupport
import Testing

@testable import Execution

@Suite("A journal on disk")
struct JournalTextTests {
  private static let steps = smallPlan.steps
  private static let step = steps.first { $0.id == "bind/0000:04:00.0" } ?? steps[0]
  private static let failure = HostFailure(.refused, "no\u{1B}[2J\u{0}\u{7F}\u{2028}\n\"\\", help: "\u{202E}")

  private static let entries: [JournalEntry] =
    [
      .starting(step, as: step.action), .done(step, took: .milliseconds(12)), .alreadyDone(step),
      .failed(step, failure, took: .seconds(90)), .skipped(step), .undoing(step, by: step.action),
      .undone(step, took: .zero), .undoFailed(step, failure), .unconfirmed(""), .confirmed(by: "12"),
      .recovering(.leave, smallPlan, boot: nil), .recovering(.back, smallPlan, boot: "b"),
    ] + FoundState.allCases.map { .found(step, $0) } + Outcome.End.allCases.map { .ended($0) }
    + HostFailure.Kind.allCases.map { .failed(step, HostFailure($0, ""), took: .zero) }
    + Refusal.Code.allCases.map { .failed(step, HostFailure(.refused, "", refusal: $0), took: .zero) }
    + steps.map { .starting($0, as: $0.action) }

  private static let small = journal(
    1, header(), [.starting(step, as: step.action), .done(step, took: .zero), .ended(.success)])

  private func read(_ bytes: [UInt8]) throws -> JournalText.ParsedJournal {
    try JournalText.read(bytes, id: 1, name: "journal/1")
  }

  /// The first diagnostic that reading throws; nil if none.
  private func objection(to bytes: [UInt8]) -> Diagnostic? {
    do throws(Diagnostics) {
      _ = try JournalText.read(bytes, id: 1, name: "journal/1")
      return nil
    } catch {
      return error.all.first
    }
  }

  @Test("shows without decoding whether a run left no effects", arguments: 0..<200)
  func hasNoEffects(seed: Int) {
    let journal = Journal.random(seed)
    let hasBegun = journal.entries.contains { if case .starting = $0 { true } else { false } }
    let ends = journal.entries.compactMap { if case .ended(let end) = $0 { end } else { nil } }
    #expect(JournalText.hasNoEffects(journal.bytes) == (!hasBegun || ends.last == .undone))
    if JournalText.hasNoEffects(journal.bytes) {
      #expect(journal.effects.allSatisfy { $0.action.inverse == nil || !$0.isDone })
    }
  }

  @Test("reads every kind of entry unchanged")
  func everyEntry() throws {
    let whole = journal(1, header(), Self.entries)
    #expect(try whole.readAgain() == whole)
    for header in [
      header(smallPlan, .rollback(of: nil, only: [])),
      header(smallPlan, .rollback(of: Int.max, only: [.nic("a")])),
      header(confirmWithin: 5), header(boot: "\u{1B}"),
    ] {
      let journal = journal(7, header, [])
      #expect(try journal.readAgain() == journal)
    }
  }

  @Test("reads the journals of runs on random hosts unchanged")
  func random() throws {
    for seed in 0..<150 {
      let journal = Journal.random(seed)
      #expect(try journal.readAgain() == journal, "seed \(seed)")
    }
  }

  @Test("yields exactly its complete records when it is truncated at any byte")
  func truncated() throws {
    let journal = Self.small
    let bytes = journal.bytes
    var ends = [0]
    for line in journal.diskLines { ends.append(ends[ends.count - 1] + line.count) }
    for length in 0...bytes.count {
      let reading = try read(Array(bytes[..<length]))
      let records = ends.lastIndex { $0 <= length } ?? 0
      #expect(reading.length == ends[records])
      #expect(reading.journal?.lines == (records == 0 ? nil : Array(journal.lines.prefix(records - 1))))
    }
  }

  @Test(
    "ignores bytes after the last record, as a power cut may leave them",
    arguments: [[0], [10], [0, 0, 10], [0xFF, 0xC0]])
  func tail(junk: [UInt8]) throws {
    for count in [1, 3, 4096] {
      let reading = try read(Self.small.bytes + Array(repeatElement(junk, count: count).joined()))
      #expect(reading.journal == Self.small)
      #expect(reading.length == Self.small.bytes.count)
    }
  }

  @Test("detects a flipped bit, as a torn end or as damage where records follow")
  func flipped() throws {
    let journal = Self.small
    let lines = journal.diskLines
    let bytes = journal.bytes
    let last = bytes.count - lines[lines.count - 1].count
    var dice = Dice(seed: 7)
    // Each byte of the small records, and some bytes of the plan.
    var index = 0
    while index < bytes.count {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
      if index < last - 1 {
        #expect(objection(to: damaged)?.code == "damaged-journal", "byte \(index)")
      } else {
        // No complete record follows, as at an end that was being written.
        let kept = try read(damaged).journal
        #expect(kept.map { $0.lines.count < journal.lines.count } ?? false, "byte \(index)")
        #expect(kept?.lines == kept.map { Array(journal.lines.prefix($0.lines.count)) })
      }
      index += index < lines[0].count ? Int.random(in: 1...40, using: &dice) : 1
    }
  }

  @Test("is damaged where records are missing, repeated or in another order")
  func order() {
    let lines = Self.small.diskLines
    for index in lines.indices.dropLast() {
      var missing = lines
      missing.remove(at: index)
      #expect(objection(to: Array(missing.joined()))?.code == "damaged-journal", "without \(index)")
      var swapped = lines
      swapped.swapAt(index, index + 1)
      #expect(objection(to: Array(swapped.joined()))?.code == "damaged-journal", "swapped \(index)")
    }
    for index in lines.indices {
      var twice = lines
      twice.insert(lines[index], at: index)
      #expect(objection(to: Array(twice.joined()))?.code == "damaged-journal", "twice \(index)")
    }
  }

  @Test("counts as never started where the file is empty or has no valid record")
  func none() throws {
    for bytes in [[], [0], Array("no journal\nat all\n".utf8), [UInt8](repeating: 10, count: 5000)] {
      let reading = try read(bytes)
      #expect(reading.journal == nil)
      #expect(reading.length == 0)
    }
  }

  // MARK: Content that this version of pcipass does not write

  /// The journal with a text in one record replaced, and a correct checksum.
  private func rewritten(_ record: Int, _ old: String, _ new: String) -> [UInt8] {
    var lines = Self.small.diskLines
    let text = String(decoding: lines[record].dropFirst(33).dropLast(), as: UTF8.self)
    let changed = Array(text.replacing(old, with: new).utf8)
    #expect(changed != Array(text.utf8), "nothing to replace")
    lines[record] = Array(SHA256.hexDigest(of: changed).prefix(32).utf8) + [32] + changed + [10]
    return Array(lines.joined())
  }

  @Test(
    "is reported as one of another version where an entry is unknown",
    arguments: [
      (0, #"{"apiVersion": "pcipass/v1", "task""#, #"{"apiVersion": "pcipass/v9", "task""#),
      (0, #""task": {"apply": true}"#, #""task": {"migrate": true}"#), (0, #""by": "#, #""key": 1, "by": "#),
      (1, #""starting""#, #""pondering""#), (2, #""took": 0"#, #""took": 0, "joules": 3"#),
      (3, #""success""#, #""splendid""#),
    ])
  func later(record: Int, old: String, new: String) throws {
    let found = objection(to: rewritten(record, old, new))
    #expect(found?.code == "unknown-journal")
    #expect(found?.message.names("journal/1", "\(record)") == true)
    #expect(found?.help?.contains("0.1.0") == true)
  }

  @Test(
    "is refused with numbers out of range or steps of another plan",
    arguments: [
      (2, #""took": 0"#, #""took": 9223372036854775808"#), (2, #""took": 0"#, #""took": -1"#),
      (2, #""took": 0"#, #""took": 1e999999999"#), (2, #""took": 0"#, #""took": "0""#),
      (2, #""at": "#, #""at": 999"#), (2, #""at": "#, #""at": -"#), (0, #""at": "#, #""at": -"#),
      (2, #""step": "bind/0000:04:00.0""#, #""step": "bind/0000:05:00.0""#),
      (2, #""step": "bind/0000:04:00.0""#, #""step": """#),
      (2, #""step": "bind/0000:04:00.0""#, #""step": null"#),
    ])
  func senseless(record: Int, old: String, new: String) throws {
    let bytes = rewritten(record, old, new)
    #expect(objection(to: bytes)?.code == "unknown-journal")
  }

  @Test(
    "is damaged where a record has a wrong number",
    arguments: ["0", "2", "-1", "18446744073709551617", "1.5"])
  func number(text: String) throws {
    let bytes = rewritten(1, #"{"number": 1,"#, #"{"number": \#(text),"#)
    #expect(objection(to: bytes)?.code == "damaged-journal")
  }

  @Test("writes again the longest duration that it can read")
  func longestTime() throws {
    let journal = try #require(try read(rewritten(2, #""took": 0"#, #""took": 9223372036854775807"#)).journal)
    #expect(try journal.readAgain() == journal)
  }

  @Test("stays readable with messages of any length")
  func longMessage() throws {
    let step = Self.step
    let text = String(repeating: "e\u{301}", count: 100_000)
    let long = HostFailure(.refused, text, help: text)
    let written = journal(
      1, header(boot: text), [.failed(step, long, took: .zero), .undoFailed(step, long), .unconfirmed(text)])
    let read = try #require(try written.readAgain())
    guard case .failed(_, let failure, _) = read.entries[0] else {
      Issue.record("another entry")
      return
    }
    #expect(text.hasPrefix(failure.message.dropLast(2)))
    #expect(failure.message.utf8.count > 10_000)
  }
}

import Documents
import HostModel
import Planning
import Reporting

@testable import Execution

/// Checks the reader of journals, on the bytes as they are and with the checksum of each line
/// corrected, because a fuzzer does not find the checksums.
func checkJournal(_ bytes: [UInt8]) throws(Broken) {
  try checkRecords(bytes)
  try checkRecords(summed(bytes))
}

private func summed(_ bytes: [UInt8]) -> [UInt8] {
  bytes.split(separator: UInt8(ascii: "\n")).flatMap { line in
    Array(SHA256.hexDigest(of: line).prefix(32).utf8) + [UInt8(ascii: " ")] + line + [UInt8(ascii: "\n")]
  }
}

private func read(_ bytes: [UInt8]) throws(Diagnostics) -> JournalText.ParsedJournal {
  try JournalText.read(bytes, id: 7, name: "journal/7")
}

private func checkRecords(_ bytes: [UInt8]) throws(Broken) {
  let reading: JournalText.ParsedJournal
  do throws(Diagnostics) { reading = try read(bytes) } catch { return try check(error.all) }
  try expect(reading.length <= bytes.count, "more is whole than there is")
  guard let journal = reading.journal else { return }
  // Only complete records count, and they are unchanged when they are written and read again.
  let whole = Array(bytes[..<reading.length])
  let again = summed(Array(journal.records.map { $0.line + "\n" }.joined().utf8))
  for text in [whole, again] {
    let other: JournalText.ParsedJournal
    do throws(Diagnostics) { other = try read(text) } catch {
      throw Broken("not read again: \(error.all.map(\.message))")
    }
    try expect(other.length == text.count, "\(other.length) of \(text.count) bytes")
    try expect(other.journal == journal, "another journal")
  }
  try checkShown(journal)
}

/// Checks that any journal can be shown in each form and recovered.
private func checkShown(_ journal: Journal) throws(Broken) {
  let context = RunContext(of: [journal], isAtWork: false)
  let text = HistoryText(style: .plain, context)
  let state = HostState(
    host: journal.header.plan.host,
    kernel: Kernel(
      release: "6.12", commandLine: .known(""), processor: .intel, drivers: .known([]), modules: .known([]),
      bootLoaderFiles: []), functions: [], libvirt: .known([]), qemu: .known([]))
  let recovery = Recovery(journal, on: HostIndex(state))
  try check(
    RecoveryText.diagnostics(recovery, .error)
      + (PendingConfirmation(journal, watchedBy: nil).map { [ConfirmationText.diagnostic($0, .warning)] }
        ?? []))
  for shown in [text.table([journal]), text.text(journal)] { try expectPrintable(shown) }
  for direction in RecoveryDirection.allCases { _ = recovery.plan(direction) }
  for json in [
    HistoryJSON.text([journal], of: journal.header.plan.host, context),
    RunJSON.text(context.report(journal), of: journal, on: state),
  ] {
    do throws(Diagnostics) { _ = try JSONReader.document(of: Source(name: "shown", text: json)) } catch {
      throw Broken("no JSON: \(error.message)")
    }
  }
}

import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning
import Reporting
import TestSupport
import Testing

@Suite("The code of a failed step")
struct FailureCodeTests {
  private let plan = TestSupport.plan(
    host("name: lan, select: {address: '0000:03:00.0'}, reserve: true"), on: state([nic("03:00.0")]))

  private func shown(_ failure: HostFailure) throws -> (apply: [String], history: String, json: String) {
    let step = try #require(plan.steps.first)
    let entries = [JournalEntry.failed(step, failure, took: .zero), .undoFailed(step, failure)]
    let words = ApplyText(style: .plain, steps: plan.steps)
    let header = Journal.Header(
      task: .apply, plan: plan, onFailure: .undo, by: "root", version: "0.1.0", boot: nil)
    var journal = Journal(id: 1, start: .now, header: header)
    journal.lines = entries.map { Journal.Line(.now, $0) }
    let context = RunContext(of: [journal], isAtWork: false)
    return (
      entries.map { words.text($0) },
      HistoryText(style: .plain, context).text(journal),
      RunJSON.text(context.report(journal), of: journal)
    )
  }

  @Test("is that of the guard, in text and in JSON, which also has the kind of failure")
  func guards() throws {
    let shown = try shown(HostFailure(.refused, "MESSAGE", refusal: .hostNetwork))
    #expect(shown.apply.allSatisfy { $0.contains("MESSAGE [host-network]\n") })
    #expect(shown.history.ranges(of: "MESSAGE [host-network]").count == 2)
    #expect(!shown.history.contains("[refused]"))
    let json = shown.json.split(whereSeparator: \.isWhitespace).joined()
    #expect(json.contains(#""kind":"refused","code":"host-network""#))
  }

  @Test("is the kind of failure if the host refused the step")
  func hosts() throws {
    let shown = try shown(HostFailure(.refused, "MESSAGE"))
    #expect(shown.apply.allSatisfy { $0.contains("MESSAGE [refused]\n") })
    #expect(shown.history.ranges(of: "MESSAGE [refused]").count == 2)
    let json = shown.json.split(whereSeparator: \.isWhitespace).joined()
    #expect(json.contains(#""kind":"refused","code":"refused","message":"#))
  }
}

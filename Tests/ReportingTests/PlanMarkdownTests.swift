import HostModel
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("A comment on a pull request")
struct PlanMarkdownTests {
  /// A port that is split into so many VFs, all assigned to one guest.
  private func plan(_ count: Int) -> (Plan, Topology) {
    let port = nic("03:00.0") { $0.sriov = SRIOV(total: 256, count: 0, offset: 128, stride: 1) }
    let state = state([port], libvirt: [off("a")])
    let claims = (0..<count).map { "name: net\($0), from: pool/\($0)" }.joined(separator: "\n")
    let plan = TestSupport.plan(poolHost(count), guest("a", claims), on: state)
    #expect(plan.refusals.isEmpty && plan.steps.count > 3 * count)
    return (plan, Topology(state, plan: plan).changes)
  }

  @Test(
    "of one host is never too long: pictures go before guards, guards before steps, and the last steps last")
  func length() {
    for (count, isWhole, hasPicture, hasSteps) in [
      (2, true, true, true), (180, false, true, true), (256, false, false, false),
    ] {
      let text = PlanMarkdown.text([plan(count)])
      #expect(text.utf8.count < 65_535)
      #expect(text.contains("foreign-owner") == isWhole, "\(count)")
      #expect(text.contains("```mermaid") == hasPicture, "\(count)")
      #expect(text.contains("\n| | | ") != hasSteps, "\(count)")
      #expect(text.contains("0000:03:00.0"))
      #expect(text.contains("\n</details>\n"))
    }
  }

  @Test("of a fleet has no more pictures than one scrolls by, each with its host's name")
  func pictures() {
    let (plan, picture) = plan(2)
    let text = PlanMarkdown.text(Array(repeating: (plan, picture), count: 7))
    #expect(text.split(separator: "```mermaid").count == 6)
    #expect(text.contains("\n**hv01**\n\n```mermaid\n"))
    #expect(text.contains(/\n2 .*\n/))
  }
}

import HostModel
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("A comment on a pull request")
struct PlanMarkdownTests {
  /// Returns a plan that splits ports into `count` VFs each, and assigns the VFs of a port to one
  /// guest.
  private func plan(_ count: Int, ports: Int = 1) -> (Plan, Topology) {
    let names = (0..<ports).map { "\(10 + 10 * $0):00.0" }
    let functions = names.map { nic($0) { $0.sriov = SRIOV(total: 256, count: 0, offset: 128, stride: 1) } }
    let state = state(functions, libvirt: names.indices.map { off("a\($0)") })
    let nics = names.enumerated().map {
      "name: pool\($0.offset), select: {address: '0000:\($0.element)'}, virtualFunctions: {count: \(count)}"
    }
    let guests = names.indices.map { port in
      guest(
        "a\(port)",
        (0..<count).map { "name: net\($0), from: pool\(port)/\($0)" }.joined(separator: "\n"))
    }
    let plan = TestSupport.plan(([host(nics.joined(separator: "\n"))] + guests).joined(), on: state)
    #expect(plan.refusals.isEmpty && plan.steps.count > 3 * count * ports)
    return (plan, Topology(state, plan: plan).changes)
  }

  @Test(
    "of one host is below the limit of GitHub: checks, pictures and rows are left out")
  func length() {
    for (count, ports, isWhole, hasPicture, hasRows) in [
      (2, 1, true, true, true), (220, 1, false, true, true), (256, 4, false, false, false),
    ] {
      let text = PlanMarkdown.text([plan(count, ports: ports)])
      #expect(text.utf8.count < 65_535)
      #expect(text.contains("ownership") == isWhole, "\(count)")
      #expect(text.contains("```mermaid") == hasPicture, "\(count)")
      #expect(text.contains("\n| | | ") != hasRows, "\(count)")
      #expect(text.contains("0000:10:00.0"))
      #expect(text.contains("\n</details>\n"))
    }
  }

  @Test("of a fleet has at most 5 pictures, each with the name of its host")
  func pictures() {
    let (plan, picture) = plan(2)
    let text = PlanMarkdown.text(Array(repeating: (plan, picture), count: 7))
    #expect(text.split(separator: "```mermaid").count == 6)
    #expect(text.contains("\n**hv01**\n\n```mermaid\n"))
    #expect(text.contains(/\n2 .*\n/))
  }
}

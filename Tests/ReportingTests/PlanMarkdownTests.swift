import Documents
import HostModel
import Manifests
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
      let plan = plan(count, ports: ports)
      let text = PlanMarkdown.text([plan], hosts: [FleetHost(plan.0)])
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
    let text = PlanMarkdown.text(
      Array(repeating: (plan, picture), count: 7), hosts: Array(repeating: FleetHost(plan), count: 7))
    #expect(text.split(separator: "```mermaid").count == 6)
    #expect(text.contains("\n**hv01**\n\n```mermaid\n"))
    #expect(text.contains(/\n2 .*\n/))
  }

  /// The names in the table of hosts, in its order.
  private func listed(_ text: String) -> [String] {
    text.split(separator: "\n").filter {
      $0.hasPrefix("| ") && !$0.hasPrefix("| host ") && !$0.hasPrefix("| ---")
    }
    .compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
  }

  @Test("of a fleet has one line for each host: refused, not planned, changed, unchanged")
  func hosts() {
    let (plan, picture) = plan(2)
    func host(_ name: String, _ change: (inout Plan) -> Void) -> FleetHost {
      var plan = plan
      plan.request.host.metadata.name.value = name
      change(&plan)
      return FleetHost(plan)
    }
    let hosts = [
      host("a") { $0.steps = [] }, host("b") { _ in }, FleetHost(unplanned: "c", "no snapshot", []),
      host("d") { $0.refusals = [Refusal(.inUse, nic: "pool0", "in use")] },
      host("e") { $0.steps = [] }, FleetHost(unplanned: "f", errors: [Diagnostic(code: "unknown-key", "x")]),
    ]
    #expect(hosts.map(\.state) == [.unchanged, .changed, .notPlanned, .refused, .unchanged, .notPlanned])
    let text = PlanMarkdown.text([(plan, picture)], hosts: hosts)
    #expect(Array(listed(text).prefix(6)) == ["d", "c", "f", "b", "a", "e"])
    #expect(text.contains("in-use") && text.contains("no snapshot") && text.contains("unknown-key"))
  }

  @Test("of a large fleet leaves out lines of unchanged hosts, and counts them")
  func manyHosts() {
    var (plan, picture) = plan(2)
    plan.steps = []
    let unchanged = FleetHost(plan)
    let hosts =
      Array(repeating: unchanged, count: 20_000)
      + (0..<500).map { FleetHost(unplanned: "lost\($0)", "no snapshot", []) }
    let problems = (0..<5000).map { Diagnostic(code: "unknown-key", "problem \($0)", help: "help") }
    let text = PlanMarkdown.text([(plan, picture)], hosts: hosts, diagnostics: problems)
    #expect(text.utf8.count < 65_535)
    let names = listed(text)
    #expect(names.prefix(500).elementsEqual((0..<500).map { "lost\($0)" }))
    let shown = names.count { $0 == "hv01" }
    #expect(shown > 0 && text.contains("| \(20_000 - shown) more hosts |"))
    let items = text.split(separator: "\n").count { $0.hasPrefix("- ❌ ") }
    #expect(items > 0 && text.contains("\n- \(5000 - items) more problems "))
  }

  @Test("lists the errors of manifests before the warnings, each with its place")
  func problems() {
    let (plan, picture) = plan(2)
    let place = Documents.SourceLocation(
      source: Source(name: "a_b.yaml", text: ""), position: Position(line: 3, column: 0))
    let text = PlanMarkdown.text(
      [(plan, picture)], hosts: [FleetHost(plan)],
      diagnostics: [
        Diagnostic(.warning, code: "shared-mac", "two"), Diagnostic(code: "unknown-key", "one", at: place),
      ])
    let lines = text.split(separator: "\n").filter {
      $0.contains("`shared-mac`") || $0.contains("`unknown-key`")
    }
    #expect(lines.map { $0.contains("❌") } == [true, false])
    #expect(lines.first?.contains("a\\_b.yaml:4:1") == true)
  }
}

import Documents
import Execution
import Files
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reporting

/// Plans and all output of their execution, with a hostile text in each place that accepts one.
@Suite("Output with hostile names")
struct HostileOutputTests {
  @Test(
    "from a host and its manifests has no invisible characters and no markup",
    arguments: HostileNames.combined)
  func hosts(name: String) throws {
    let manifests = Loader.load([projectFolder.appending(path: "manifests").path]).fleet
    for host in ["hv01", "hv02", "hv03"] {
      let capture = projectFolder.appending(path: "manifests/captures/\(host).json")
      let state = try replaced(HostState.form, name, in: String(contentsOf: capture, encoding: .utf8))
      let manifest = try #require(manifests.hosts.first { $0.name == host })
      let guests = manifests.guests(of: manifest)
      let request = Request(
        host: try replaced(HostManifest.form, name, in: HostManifest.form.encode(manifest).line),
        guests: try guests.map {
          try replaced(GuestManifest.form, name, in: GuestManifest.form.encode($0).line)
        },
        prune: true)
      let plan = Planner.plan(request, on: state)
      check(plan, on: state)
      check(Planner.rollback(of: plan, on: state), on: state)
      run(plan, on: state)
      look(at: state, request)
      checkFleet(of: state, name)
      checkStatus(plan, name, on: state)
      let json = HostState.form.encode(state)
      check(json: json.text)
      check(json: json.line)
    }
  }

  @Test(
    "from a plan has no invisible characters and no markup",
    arguments: HostileNames.combined + ["|\u{301}", "<\u{338}b>", "`\u{301}"])
  func plans(name: String) throws {
    for file in ["Tests/CommandTests/Golden/plan-hv01.json", "Tests/Fuzz/seeds/json/plan.json"] {
      let text = try String(contentsOf: projectFolder.appending(path: file), encoding: .utf8)
        .replacing(/\n  "digest": .*/, with: "")
      let plan = try replaced(Plan.form, name, in: text)
      check(plan, on: HostState.none(name))
      var journal = journal(plan, name)
      for entry in entries(of: plan, name) {
        let words = ApplyText(style: .plain, steps: plan.steps)
        check(text: words.text(entry), lines: 4)
        let more = ApplyText(style: .plain, steps: plan.steps, detail: .verbose)
        check(text: more.text(entry))
        if let line = words.running(entry, Timeouts(step: .seconds(60), unplug: .seconds(20))) {
          check(text: line.text(after: .seconds(9), width: 80), lines: 1)
        }
        journal.lines.append(Journal.Line(.now, entry))
      }
      check(journal, on: HostState.none(name))
    }
  }

  @Test("from errors has no invisible characters, also in a quote", arguments: HostileNames.all)
  func diagnostics(name: String) throws {
    let text = "{\"kind\": \(JSON.string(name).line), \"a\": \"\(name)\"}\n\(name)"
    let source = Source(name: name, text: text)
    var diagnostics: [Diagnostic] = []
    _ = YAMLReader.documents(of: source, diagnostics: &diagnostics)
    var loader = Loader()
    loader.read(source)
    diagnostics += loader.diagnostics
    diagnostics.append(
      Diagnostic(
        code: "x", name,
        at: Documents.SourceLocation(source: source, position: Position(line: 1, column: 0), length: 9),
        related: Documents.SourceLocation(source: source, position: Position(line: 0, column: 3)), help: name)
    )
    for diagnostic in diagnostics {
      var words = DiagnosticText(style: .plain)
      check(text: words.text(diagnostic), lines: 8)
    }
    check(json: DiagnosticJSON.validation(diagnostics, documents: 1))
  }

  /// Returns the decoded document, with the name in place of each text that may be this name.
  private func replaced<Value>(_ form: Form<Value>, _ name: String, in text: String) throws -> Value {
    let source = Source(name: "t.json", text: text)
    let node = try JSONReader.document(of: source)
    var kept: Set<Position> = []
    // A refused text keeps its value. Each pass may refuse further texts.
    for _ in 0..<8 {
      var decoding = Decoding(source: source)
      if let value = form.decode(Self.replaced(node, name, kept), &decoding), decoding.diagnostics.isEmpty {
        return value
      }
      kept.formUnion(decoding.diagnostics.compactMap(\.location?.position))
    }
    throw Refused()
  }

  private struct Refused: Error {}
  private static func replaced(_ node: Node, _ name: String, _ kept: Set<Position>) -> Node {
    var result = node
    switch node.content {
    case .scalar(let scalar):
      if !scalar.isPlain, !kept.contains(node.position) {
        result.content = .scalar(Scalar(name, isPlain: false))
      }
    case .sequence(let nodes): result.content = .sequence(nodes.map { replaced($0, name, kept) })
    case .mapping(let members):
      result.content = .mapping(
        members.map {
          Node.Member(key: $0.key, keyPosition: $0.keyPosition, value: replaced($0.value, name, kept))
        })
    }
    return result
  }

  private func entries(of plan: Plan, _ name: String) -> [JournalEntry] {
    plan.steps.flatMap { step -> [JournalEntry] in
      let failure = HostFailure(.refused, name, help: name)
      return [
        .starting(step, as: step.action), .done(step, took: .seconds(1)), .alreadyDone(step),
        .failed(step, failure, took: .zero), .skipped(step), .undone(step, took: .zero),
        .undoFailed(step, failure), .found(step, .partly), .recovering(.back, plan, boot: name),
        .confirmed(by: name), .unconfirmed(name),
      ]
    }
  }

  private func run(_ plan: Plan, on state: HostState) {
    var state = state
    // The last step hangs, so that the output also has a failure.
    state.simulation = Simulation(
      faults: plan.steps.suffix(1).map { Simulation.Fault(step: $0.id, effect: .hang) })
    let host = SimulatedHost(state)
    let words = ApplyText(style: .plain, steps: plan.steps)
    var said = ""
    var journal = journal(plan, "root")
    let outcome = Executor(host: host, onFailure: .undo) { entry in
      said += words.text(entry)
      journal.lines.append(Journal.Line(.now, entry))
    }.run(plan.steps)
    check(text: said)
    check(text: words.text(outcome, of: plan, journal, after: host.state))
    check(journal, on: host.state)
  }

  private func journal(_ plan: Plan, _ name: String) -> Journal {
    Journal(
      id: 1, start: .now,
      header: Journal.Header(
        task: .apply, plan: plan, onFailure: .undo, confirmWithin: 60, by: name, version: name, boot: name))
  }

  private func check(_ journal: Journal, on state: HostState) {
    let context = RunContext(of: [journal], isAtWork: false)
    let history = HistoryText(style: .plain, context)
    check(text: history.table([journal]))
    check(text: history.text(journal))
    check(json: HistoryJSON.text([journal], of: state.host, context))
    check(json: RunJSON.text(context.report(journal), of: journal, on: state))
    var words = DiagnosticText(style: .plain)
    check(text: words.text(RecoveryText.diagnostics(Recovery(journal, on: HostIndex(state)), .error)))
    for holder in [
      nil, HostLock.Owner(process: 1, words: WatchdogLockText.task(1, notUndone: journal.header.by)),
    ] {
      guard let pending = PendingConfirmation(journal, watchedBy: holder) else { continue }
      check(text: words.text([ConfirmationText.diagnostic(pending, .error)]))
      let waiting = RunContext(of: [journal], isAtWork: false, pending: pending)
      check(json: HistoryJSON.text([journal], of: state.host, waiting))
    }
  }

  private func look(at state: HostState, _ request: Request) {
    let inventory = Inventory(state, request: request)
    var filter = InventoryFilter()
    filter.isForAll = true
    for width in [nil, 40, 80] {
      check(
        text: DeviceTable(style: .plain, width: width).text(inventory, filter),
        lines: state.functions.count + 20)
    }
    for device in inventory.devices {
      check(text: DeviceDetails(style: .plain).text(device, unknown: inventory.unknown))
    }
    check(json: DeviceJSON.form.encode(DeviceSelection(inventory, filter)).text)
    let rows = DeviceCSV.text(inventory, filter)
    check(text: rows.replacing("\r\n", with: "\n"), lines: state.functions.count + 1)
    var options = Import.Options(host: state.host)
    options.includesFree = true
    let result = Import(state, options)
    let words = ImportText(result, on: state)
    check(text: words.summary)
    let text = ([words.host] + result.guests.map(words.text)).joined(separator: "---\n")
    check(text: text)
    var loader = Loader()
    loader.read(Source(name: "import", text: text))
    #expect(loader.diagnostics.map(\.message) == [])
    #expect(loader.fleet == Fleet(hosts: [result.host], guests: result.guests))
  }

  /// Imports the host together with a host that is alike.
  private func checkFleet(of state: HostState, _ name: String) {
    var states = [state, state]
    states[1].host = state.host.prefix(200) + "-2"
    for number in states.indices where isFileName(name) {
      for index in states[number].functions.indices { states[number].functions[index].slots = [name] }
    }
    let result = FleetImport(states.map { HostIndex($0) }, includesFree: true)
    let words = ImportedFleetText(result, on: states)
    check(text: words.summary)
    check(text: words.documents)
    #expect(Loader.load(Source(name: "import", text: words.documents)).diagnostics.map(\.message) == [])
    #expect(Set(words.files.map(\.path)).count == words.files.count)
    for part in words.files.flatMap({ $0.path.split(separator: "/") }) {
      #expect(isName(part, "._-", upTo: 255), "\(part)")
    }
  }

  private func checkStatus(_ plan: Plan, _ name: String, on state: HostState) {
    var journal = journal(plan, name)
    for step in plan.steps { journal.lines.append(Journal.Line(.now, .starting(step, as: step.action))) }
    let status = HostStatus(plan, on: state)
    let runs = RecentRuns(journals: [journal], obstacle: .open(journal))
    let memory = DriftMemory().remembering(status, at: .now)
    let report = StatusReport(status, memory: memory, runs: runs, isAtWork: false)
    check(text: StatusText(style: .plain).text(report))
    check(json: StatusJSON.form.encode(report).text)
    let metrics = StatusMetrics.text(
      host: name, version: name, at: .now, (report, on: HostIndex(state)), runs: runs)
    check(text: metrics)
    for line in metrics.split(separator: "\n") where !line.hasPrefix("#") {
      #expect((try? MetricTests.sample(String(line))) != nil, "\(line)")
    }
    let rows = StatusCSV.text([
      HostSummary(status), HostSummary(host: name, .unreadable, unavailable: name),
    ])
    check(text: rows.replacing("\r\n", with: "\n"), lines: 2 + status.pools.count * 2 + 1)
    let fleet = FleetStatus([HostSummary(status, .read), HostSummary(host: name, nil, unavailable: name)])
    for width in [nil, 40] { check(text: FleetStatusText(style: .plain, width: width).text(fleet)) }
    check(json: FleetStatusJSON.form.encode(fleet).text)
    check(text: StatusMetrics.text(fleet, version: name, at: .now))
    let explainer = Explainer(plan.request, on: state)
    for subject in state.functions.map({ ExplanationTopic.function($0.address) })
      + state.allGuests.map({ .guest($0.manager) }) + [.nic(name)]
    {
      let report = ExplanationReport(
        explainer.explanation(of: subject), .ofApply(journal), on: HostIndex(state), journals: [journal])
      check(text: ExplanationText(style: .plain).text(report))
      check(json: ExplanationJSON.form.encode(report).text)
    }
  }

  private func check(_ plan: Plan, on state: HostState) {
    let text = PlanText(style: .plain)
    check(text: text.text(plan))
    check(text: PlanText(style: .plain, detail: .verbose).text(plan))
    for refusal in plan.refusals { check(text: text.text([refusal])) }
    for change in Fact.changes(from: [], to: plan.facts) { check(text: printable(change)) }
    let topology = Topology(state, plan: plan)
    let fault = FleetHost(
      unplanned: plan.host, plan.host, [Diagnostic(code: "x", plan.host, help: plan.host)])
    let hosts = [FleetHost(plan), fault]
    check(
      markdown: PlanMarkdown.text(
        [(plan, topology.changes)], hosts: hosts, diagnostics: fault.diagnostics))
    check(text: GraphText(style: .plain).text(topology))
    check(text: GraphDOT.text(topology))
    check(text: GraphSVG.text(topology))
    if let mermaid = GraphMermaid.text(topology) { check(text: mermaid) }
    check(
      json: PlanJSON.text(PlanJSON.PlannedFleet(plans: [plan], hosts: [FleetHost(plan)], diagnostics: [])))
    check(
      json: PlanJSON.text(PlanJSON.PlannedFleet(plans: [plan], hosts: hosts, diagnostics: fault.diagnostics)))
    var summary = FleetSummary()
    summary.add(plan)
    summary.add(unplanned: fault)
    check(text: summary.text)
    let source = Source(name: "plan", text: PlanDocument.text(of: plan))
    #expect(throws: Never.self) {
      let node = try #require(try PlanDocument.node(of: source))
      #expect(try PlanDocument.plan(node, from: source) == plan)
    }
  }

  private func check(text: String, lines: Int = .max) {
    #expect(
      HostileNames.invisibleCharacters(in: text) == [] && !text.contains("\t"), "\(text.debugDescription)")
    #expect(text.split(separator: "\n").count <= lines, "\(text.debugDescription)")
  }

  private func check(json: String) {
    #expect(
      HostileNames.invisibleCharacters(in: json).allSatisfy { $0.value > 0xFFFF } && !json.contains("\t"))
  }

  /// Expects no markup except the code spans and tags of pcipass. GraphTests check the graphs.
  private func check(markdown: String) {
    check(text: markdown)
    let words = markdown.replacing(/\n```mermaid\n[^`]*```\n/.matchingSemantics(.unicodeScalar), with: "")
    for line in words.split(separator: "\n") {
      // The match is by scalars: to Markdown, markup with a combining mark is still markup.
      let bare = line.replacing(/`[a-z+~\/-]+`/.matchingSemantics(.unicodeScalar), with: "")
        .replacing(/<\/?(details|summary|b)>/.matchingSemantics(.unicodeScalar), with: "")
        .replacing(/&(lt|gt|amp);/.matchingSemantics(.unicodeScalar), with: "")
      var isEscaped = false
      var bars = 0
      for scalar in bare.unicodeScalars {
        if !isEscaped {
          #expect(!["`", "<", ">", "&", "[", "]"].contains(scalar), "\(line)")
          if scalar == "|" { bars += 1 }
        }
        isEscaped = !isEscaped && scalar == "\\"
      }
      // The table of NICs has six columns, that of hosts two.
      #expect(line.hasPrefix("|") ? [3, 7].contains(bars) : bars == 0, "\(line)")
    }
  }
}

extension HostState {
  /// Returns a host of which nothing can be read.
  fileprivate static func none(_ reason: String) -> HostState {
    HostState(
      host: "hv01",
      kernel: Kernel(
        release: nil, commandLine: .unavailable(reason), processor: .other, drivers: .unavailable(reason),
        modules: .unavailable(reason), bootLoaderFiles: [], bootID: "other"),
      functions: [], libvirt: .unavailable(reason), qemu: .unavailable(reason))
  }
}

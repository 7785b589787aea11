import Documents
import Execution
import HostModel
import Planning

/// What `pcipass boot` has done, as text.
public enum BootText {
  /// A line for each function, and then the problems.
  public static func text(_ results: [BootRun.Result], on host: String, _ style: Style) -> String {
    var table = TextTable([
      .init(title: "FUNCTION"), .init(title: "NIC"), .init(title: "GUEST"),
      .init(title: "RESULT", isTruncatable: true),
    ])
    for result in results {
      table.add([
        "\(result.entry.address)", result.entry.nic, result.entry.guest?.name ?? "", words(result),
      ])
    }
    let problems = results.compactMap(\.problem)
    let failed = problems.filter { !$0.isIntended }.count
    let summary =
      "\(printable(host)): \(pluralised(results.count - problems.count, "function")) as recorded"
      + (failed > 0 ? ", \(failed) not set up" : "")
      + (failed < problems.count ? ", \(problems.count - failed) left at the host" : "")
    return table.text(style) + "\n" + summary + ".\n"
  }

  private static func words(_ result: BootRun.Result) -> String {
    if let problem = result.problem { return problem.isIntended ? "left at the host" : "not set up" }
    if result.done.isEmpty { return "in place" }
    return result.done.map { done($0.action) }.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private static func done(_ action: Action) -> String {
    switch action {
    case .bind(let bind): "\(bind.to)"
    case .resize(let resize): resize.to.words
    case .configure(let configure): "\(configure.to)"
    case .load, .attach, .detach, .edit: ""
    }
  }

  /// The warning of functions that were not set up since the host was started.
  public static func notSetUp(_ entries: [BootEntry]) -> Diagnostic {
    let names = entries.prefix(8).map { "\($0.nic) (\($0.address))" }
    let rest = entries.count > 8 ? " and \(entries.count - 8) more" : ""
    return Diagnostic(
      .warning, code: "boot-not-set-up",
      "not as recorded since the host was started: \(names.joined(separator: ", "))\(rest)",
      help: "set up what is recorded: pcipass boot")
  }

  /// The problems as messages. A function that was left on purpose is a note.
  public static func diagnostics(_ results: [BootRun.Result]) -> [Diagnostic] {
    var seen: Set<String> = []
    return results.compactMap { result in
      guard let problem = result.problem, seen.insert(problem.message).inserted else { return nil }
      let subject = problem.nic + (problem.guest.map { " of \($0)" } ?? "")
      return Diagnostic(
        problem.isIntended ? .note : .error, code: problem.code.rawValue,
        "\(subject): \(problem.message)", help: problem.help)
    }
  }
}

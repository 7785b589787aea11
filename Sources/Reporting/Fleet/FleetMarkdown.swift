import Documents
import Planning

/// The parts of a comment on a pull request that are about a whole fleet: the list of hosts, and the problems
/// of the manifests.
enum FleetMarkdown {
  /// A table with one row for each host. The hosts at its end are counted if there is no room for them: they
  /// are the unchanged ones.
  ///
  /// - Parameter room: the available space in bytes.
  static func table(_ hosts: [FleetHost], upTo room: Int) -> String {
    var result = "\n| host | result |\n| --- | --- |\n"
    let rows = hosts.byState.map {
      "| \(Markdown.escaped($0.host)) | \(icon($0.state))\(Markdown.escaped($0.words)) |\n"
    }
    for (index, row) in rows.enumerated() {
      guard row.utf8.count <= room - result.utf8.count else {
        return result + "| \(pluralised(rows.count - index, "more host")) | left out here for length |\n"
      }
      result += row
    }
    return result
  }

  /// The pools that have no available member for a claim, each with its hosts.
  static func exhausted(_ hosts: [FleetHost]) -> String {
    let items = hosts.exhaustedPools.prefix(100).map { pool, hosts in
      "- ❌ the pool **\(Markdown.escaped(pool))** is exhausted on \(Markdown.escaped(listed(hosts)))\n"
    }
    return items.isEmpty ? "" : "\n" + items.joined()
  }

  /// A list of errors, warnings and notes, each with its place and its help.
  ///
  /// - Parameter room: the available space in bytes.
  static func list(_ diagnostics: [Diagnostic], upTo room: Int) -> String {
    guard !diagnostics.isEmpty else { return "" }
    var result = "\n"
    let sorted = Diagnostic.Severity.allCases.flatMap { severity in
      diagnostics.filter { $0.severity == severity }
    }
    for (index, diagnostic) in sorted.enumerated() {
      let item = item(diagnostic)
      guard item.utf8.count <= room - result.utf8.count else {
        return result + "- \(pluralised(sorted.count - index, "more problem")) left out here for length\n"
      }
      result += item
    }
    return result
  }

  private static func item(_ diagnostic: Diagnostic) -> String {
    let sign =
      switch diagnostic.severity {
      case .error: "❌"
      case .warning: "⚠️"
      case .note: "ℹ️"
      }
    let place = diagnostic.location.map { Markdown.escaped("\($0)") + ": " } ?? ""
    let help = diagnostic.help.map { "  - help: \(Markdown.escaped($0))\n" } ?? ""
    return "- \(sign) `\(diagnostic.code)` \(place)\(Markdown.escaped(diagnostic.message))\n" + help
  }

  private static func icon(_ state: FleetHost.State) -> String {
    switch state {
    case .refused, .notPlanned: "❌ "
    case .changed, .drifted, .unchanged: ""
    }
  }
}

/// Text for Markdown.
enum Markdown {
  /// Escapes text from outside, so that it cannot become markup of the page.
  static func escaped(_ text: String) -> String {
    // Scalars are examined, because a combining mark after `|` forms another `Character`, which is still a
    // `|` to Markdown.
    printable(text).unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "`", "*", "_", "[", "]", "\\", "#", "@", "~": result += "\\\(scalar)"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}

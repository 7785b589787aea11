import Documents
import HostModel
import Planning

/// The results of the guards for one NIC.
struct GuardText {
  private let nic: String?
  let function: PCIAddress
  private(set) var reports: [GuardReport]

  /// The name of the NIC; empty where no Host document names it.
  var name: String { printable(nic ?? "") }

  /// The NIC in the notation of `--target`; its function where no Host document names it.
  var subject: String { nic == nil ? "\(function)" : StepText.subject(nic, nil) }

  /// The numbers of checks as a sentence: `11 passed, 1 allowed`.
  static func counts(_ guards: [GuardReport]) -> String {
    let nics = all(guards)
    return GuardReport.Verdict.allCases.compactMap { verdict in
      let count = nics.reduce(0) { $0 + $1.keywords(verdict).count }
      return count > 0 ? "\(count) \(verdict.rawValue)" : nil
    }.joined(separator: ", ")
  }

  /// The reports grouped by NIC, in their order.
  static func all(_ guards: [GuardReport]) -> [GuardText] {
    guards.reduce(into: []) { result, report in
      if let last = result.last, last.nic == report.nic, last.function == report.function {
        result[result.count - 1].reports.append(report)
      } else {
        result.append(GuardText(nic: report.nic, function: report.function, reports: [report]))
      }
    }
  }

  /// The guards with this verdict, in the order of `Guard`. A guard that ran several times has
  /// passed only where it passed each time.
  func keywords(_ verdict: GuardReport.Verdict) -> [String] {
    let (named, failed) = (guards { $0 == verdict }, guards { $0 != .passed })
    return Guard.allCases.filter { named.contains($0) && (verdict != .passed || !failed.contains($0)) }
      .map(\.rawValue)
  }

  private func guards(_ isMeant: (GuardReport.Verdict) -> Bool) -> Set<Guard> {
    Set(reports.filter { isMeant($0.verdict) }.map(\.which))
  }

  /// The reports of guards that passed, in the order of `Guard`.
  var passed: [GuardReport] {
    Guard.allCases.flatMap { which in reports.filter { $0.which == which && $0.verdict == .passed } }
  }

  static func found(_ report: GuardReport) -> String { printable(report.found.joined(separator: "; ")) }
}

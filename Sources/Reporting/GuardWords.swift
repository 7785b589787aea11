import Documents
import HostModel
import Planning

/// What the guards have said of one NIC.
struct GuardWords {
  private let nic: String?
  let function: PCIAddress
  private(set) var reports: [GuardReport]

  /// Empty where no Host names it.
  var name: String { printable(nic ?? "") }

  /// NIC by NIC, as they are listed.
  static func all(_ guards: [GuardReport]) -> [GuardWords] {
    guards.reduce(into: []) { result, report in
      if let last = result.last, last.nic == report.nic, last.function == report.function {
        result[result.count - 1].reports.append(report)
      } else {
        result.append(GuardWords(nic: report.nic, function: report.function, reports: [report]))
      }
    }
  }

  /// The guards with a verdict, in the order that all NICs have. One that was asked twice has passed only where it did
  /// so each time.
  func keywords(_ verdict: GuardReport.Verdict) -> [String] {
    let (named, failed) = (guards { $0 == verdict }, guards { $0 != .passed })
    return Guard.allCases.filter { named.contains($0) && (verdict != .passed || !failed.contains($0)) }
      .map(\.rawValue)
  }

  private func guards(_ isMeant: (GuardReport.Verdict) -> Bool) -> Set<Guard> {
    Set(reports.filter { isMeant($0.verdict) }.map(\.which))
  }

  /// What was passed, in the same order.
  var passed: [GuardReport] {
    Guard.allCases.flatMap { which in reports.filter { $0.which == which && $0.verdict == .passed } }
  }

  static func found(_ report: GuardReport) -> String { printable(report.found.joined(separator: "; ")) }
}

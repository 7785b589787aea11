import Documents
import Planning

/// The result of `pcipass doctor` as text for a terminal, by section. A check without a problem takes one
/// line; the others also show their details and help.
public struct DoctorText {
  private let style: Style

  public init(style: Style) { self.style = style }

  /// The sections with their checks, and the counts.
  public func text(_ diagnosis: Diagnosis) -> String {
    var result = ""
    for section in Check.Section.allCases {
      let checks = diagnosis.checks.filter { $0.code.section == section }
      guard !checks.isEmpty else { continue }
      result += style.bold(Self.title(of: section)) + "\n" + checks.map(text).joined() + "\n"
    }
    return result + style.bold(printable(diagnosis.host)) + ": " + counts(diagnosis.checks) + ".\n"
  }

  private func text(_ check: Check) -> String {
    let word = check.severity.rawValue
    let blanks = String(repeating: " ", count: Self.width - word.count)
    var result = "  \(colored(word, check.severity))\(blanks)  \(printable(check.message))"
    if check.severity == .ok { return result + "\n" }
    result += (check.severity == .unknown ? "" : " [\(check.code.rawValue)]") + "\n"
    let indent = String(repeating: " ", count: Self.width + 4)
    for detail in check.details { result += indent + "  " + printable(detail) + "\n" }
    if let help = check.help { result += indent + "help: " + printable(help) + "\n" }
    return result
  }

  private func colored(_ word: String, _ severity: Check.Level) -> String {
    switch severity {
    case .error: style.red(word)
    case .warning: style.yellow(word)
    case .ok: style.green(word)
    case .unknown: style.dim(word)
    case .note: word
    }
  }

  private func counts(_ checks: [Check]) -> String {
    func count(_ severity: Check.Level) -> Int { checks.count { $0.severity == severity } }
    let found = [(Check.Level.error, "error"), (.warning, "warning"), (.note, "note")]
      .filter { count($0.0) > 0 }.map { pluralised(count($0.0), $0.1) }
    let rest = [(Check.Level.unknown, "unknown"), (.ok, "ok")].filter { count($0.0) > 0 }
      .map { "\(count($0.0)) \($0.1)" }
    return (found + rest).joined(separator: ", ")
  }

  private static let width = Check.Level.allCases.map(\.rawValue.count).max() ?? 0

  private static func title(of section: Check.Section) -> String {
    switch section {
    case .virtualization: "Virtualization"
    case .iommu: "IOMMU"
    case .kernel: "Kernel and modules"
    case .interrupts: "Interrupts"
    case .groups: "IOMMU groups"
    case .resets: "Resets"
    case .memory: "Locked memory"
    case .programs: "libvirt and QEMU"
    case .guests: "Guests"
    case .permissions: "Permissions"
    case .tools: "Other tools"
    case .boot: "Boot"
    case .identities: "Identities"
    }
  }
}

import HostModel

/// Whether a host is fit for handing out NICs: all that was looked at, and what came of it.
public struct Diagnosis: Sendable, Equatable {
  public let host: String
  public let checks: [Check]

  /// What keeps passthrough from working, or will hurt.
  public var hasFindings: Bool { checks.contains { $0.severity == .error || $0.severity == .warning } }
}

/// One thing that was looked at.
public struct Check: Sendable, Equatable {
  public enum Severity: String, CaseIterable, Sendable {
    /// Passthrough cannot work.
    case error
    /// It will hurt in some case.
    case warning
    /// Worth knowing.
    case note
    /// It could not be looked at.
    case unknown
    /// It was looked at, and is fine.
    case ok
  }

  /// What is wrong, or would be.
  public let code: Code
  public let severity: Severity
  public let message: String
  /// What bears it out.
  public let details: [String]
  /// What to type.
  public let help: String?

  private init(
    _ code: Code, _ severity: Severity, _ message: String, _ details: [String] = [], _ help: String? = nil
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.details = details
    self.help = help
  }

  static func found(_ code: Code, _ message: String, details: [String] = [], help: String) -> Check {
    Check(code, code.severity, message, details, help)
  }

  static func fine(_ code: Code, _ message: String, details: [String] = []) -> Check {
    Check(code, .ok, message, details)
  }

  static func unknown(_ code: Code, _ what: String, _ reason: String) -> Check {
    Check(code, .unknown, "\(what) is not known: \(reason)")
  }
}

/// Says whether a host is fit. A pure function, as a plan is.
public enum Doctor {
  public static func examine(_ host: HostIndex, _ survey: Survey) -> Diagnosis {
    let examined = ExaminedHost(host: host, survey: survey)
    let checks =
      examined.virtualization + examined.iommu + examined.kernel + examined.interrupts + examined.groups
      + examined.resets + examined.lockedMemory + examined.programs + examined.ports + examined.guestStarts
      + examined.permissions
      + examined.otherTools + examined.libvirtNetworks + examined.identities
    // As the sections are listed, whichever examination found it.
    let order = Check.Section.allCases
    return Diagnosis(
      host: host.state.host,
      checks: order.flatMap { section in checks.filter { $0.code.section == section } })
  }
}

/// A host under examination: each subject is a file beside this one.
struct ExaminedHost {
  let host: HostIndex
  let survey: Survey

  var state: HostState { host.state }
  var nics: [PCIFunction] { state.functions.filter(\.deviceClass.isNetwork) }
  var hasGroups: Bool { state.functions.contains { $0.iommuGroup != nil } }
}

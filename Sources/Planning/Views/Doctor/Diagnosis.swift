import HostModel

/// The results of all checks whether a host is fit for NIC passthrough.
public struct Diagnosis: Sendable, Equatable {
  public let host: String
  public let checks: [Check]

  /// Whether a check found an error or a warning.
  public var hasFindings: Bool { checks.contains { $0.severity == .error || $0.severity == .warning } }
}

/// The result of one check.
public struct Check: Sendable, Equatable {
  /// The result of a check: how bad its finding is, or that there is none.
  public enum Level: String, CaseIterable, Sendable {
    /// Passthrough cannot work.
    case error
    /// Passthrough fails or is unsafe in some cases.
    case warning
    /// Information.
    case note
    /// The check could not be done.
    case unknown
    /// The check passed.
    case ok
  }

  /// What the check found or, if it passed or could not be done, what it looks for.
  public let code: Code
  public let severity: Level
  public let message: String
  /// The evidence.
  public let details: [String]
  /// The command to type, or another remedy.
  public let help: String?

  private init(
    _ code: Code, _ severity: Level, _ message: String, _ details: [String] = [], _ help: String? = nil
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
    Check(code, .unknown, "\(what) is unknown: \(reason)")
  }
}

/// Checks whether a host is fit for NIC passthrough. Pure, as the planner is.
public enum Doctor {
  /// Returns the results of all checks, in the order of their sections.
  ///
  /// - Parameters:
  ///   - survey: facts that plans do not need and snapshots therefore do not contain, such as
  ///     firmware tables and module options.
  ///   - alsoAssigned: the addresses of functions that a guest is to have, in addition to those that a guest
  ///     has in its definition or while it runs.
  public static func examine(
    _ host: HostIndex, _ survey: Survey, alsoAssigned: Set<PCIAddress> = []
  ) -> Diagnosis {
    let examined = ExaminedHost(host: host, survey: survey, alsoAssigned: alsoAssigned)
    let checks =
      examined.virtualization + examined.iommu + examined.kernel + examined.interrupts + examined.groups
      + examined.resets + examined.lockedMemory + examined.programs + examined.ports + examined.guestStarts
      + examined.permissions
      + examined.otherTools + examined.libvirtNetworks + examined.networkManagerChecks + examined.bootChecks
      + examined.identities
    let order = Check.Section.allCases
    return Diagnosis(
      host: host.state.host,
      checks: order.flatMap { section in checks.filter { $0.code.section == section } })
  }
}

/// The host that is checked. Each subject is an extension in a file of its own in this folder.
struct ExaminedHost {
  let host: HostIndex
  let survey: Survey
  let alsoAssigned: Set<PCIAddress>

  var state: HostState { host.state }
  var nics: [PCIFunction] { state.functions.filter(\.deviceClass.isNetwork) }
  var hasGroups: Bool { state.functions.contains { $0.iommuGroup != nil } }
}

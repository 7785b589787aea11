import Documents
import HostModel
import Manifests

/// What confirmed runs have set up of the host's half: drivers, VFs and their settings. It is all that decides
/// what `pcipass boot` sets up.
public struct BootRecord: Sendable, Equatable {
  /// The machine that the record belongs to; nil if it was not known.
  public var machine: String?
  /// The number of the last run that the record contains.
  public var run: Int
  /// The entries, by address. Each function has at most one.
  public private(set) var entries: [BootEntry]
  /// The last run of `pcipass boot`.
  public var attempt: BootAttempt?

  public init(
    machine: String? = nil, run: Int = 0, entries: [BootEntry] = [], attempt: BootAttempt? = nil
  ) {
    self.machine = machine
    self.run = run
    self.entries = entries.sorted { $0.address < $1.address }
    self.attempt = attempt
  }

  public subscript(address: PCIAddress) -> BootEntry? {
    entries.first { $0.address == address }
  }

  /// Returns the record after a change. An entry that has become another one since stays.
  public func applying(_ change: BootChange) -> BootRecord {
    var byAddress = Dictionary(
      entries.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    for entry in change.removed where byAddress[entry.address]?.isSame(as: entry) ?? false {
      byAddress[entry.address] = nil
    }
    for entry in change.added where byAddress[entry.address] == nil { byAddress[entry.address] = entry }
    return with(Array(byAddress.values))
  }

  /// Returns the record without a function and its VFs.
  public func forgetting(_ address: PCIAddress) -> BootRecord {
    with(entries.filter { $0.address != address && $0.physicalFunction != address })
  }

  /// Returns the record after pcipass has looked at the host.
  ///
  /// A function is noted as given back only if it was as recorded earlier in the same boot: otherwise nothing
  /// has set it up in this boot.
  ///
  /// - Parameter changing: the functions that a run changes which is not final. They are as that run has left them.
  public func seeing(
    _ host: HostIndex, at sighting: Sighting, without changing: Set<PCIAddress> = []
  ) -> BootRecord {
    with(
      entries.map { entry in
        let isChanging =
          changing.contains(entry.address) || entry.physicalFunction.map(changing.contains) ?? false
        if isChanging { return entry }
        var entry = entry
        switch entry.state(on: host) {
        case .inPlace: (entry.seen, entry.givenBack) = (sighting, nil)
        case .atHost where entry.seen?.boot == sighting.boot && sighting.boot != nil:
          entry.givenBack = entry.givenBack ?? sighting
        default: break
        }
        return entry
      })
  }

  /// Returns the entries of functions that nobody has seen as recorded since the host was started, except those
  /// that were given back to the host. None if the boot is not known.
  public func notSetUp(in boot: String?) -> [BootEntry] {
    guard let boot else { return [] }
    return entries.filter { $0.givenBack == nil && $0.seen?.boot != boot }
  }

  private func with(_ entries: [BootEntry]) -> BootRecord {
    BootRecord(machine: machine, run: run, entries: entries, attempt: attempt)
  }

  static let version = "pcipass/v1"

  public static let form = Form<BootRecord>.record(
    "Boot", "What pcipass boot sets up after a reboot: what confirmed runs have set up.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a version that this pcipass reads"),
      "The version of this format."),
    Field("kind", { _ in "Boot" }, .constant("Boot", "a boot record"), "What this document is."),
    Field("machine", \.machine, optional: MachineID.form, MachineID.summary),
    Field("run", \.run, .integer(0...Int.max), "The number of the last run that the record contains."),
    Field("entries", \.entries, .list(of: BootEntry.form), "One entry for each function, by address."),
    Field("attempt", \.attempt, optional: BootAttempt.form, "The last run of pcipass boot."),
    make: { _, _, machine, run, entries, attempt in
      BootRecord(machine: machine, run: run, entries: entries, attempt: attempt)
    })
}

/// A run of `pcipass boot`.
public struct BootAttempt: Sendable, Equatable {
  public var sighting: Sighting
  /// The functions that were not set up.
  public var problems: [BootProblem]

  public init(sighting: Sighting, problems: [BootProblem]) {
    self.sighting = sighting
    self.problems = problems
  }

  static let form = Form<BootAttempt>.record(
    "BootAttempt", "A run of pcipass boot.",
    Field("sighting", \.sighting, Sighting.form, "When it ended."),
    Field("problems", \.problems, .list(of: BootProblem.form), "What was not set up."),
    make: BootAttempt.init)
}

/// The reason why a function was not set up at boot.
public struct BootProblem: Sendable, Equatable {
  /// The kind of a problem, as a stable keyword.
  public enum Code: String, CaseIterable, Sendable {
    /// No function has the address.
    case missing = "boot-missing"
    /// The driver of the PF is not ready.
    case notReady = "boot-not-ready"
    /// Another function has the address.
    case replaced = "boot-replaced"
    /// Somebody gave the function back to the host before the reboot. It stays there.
    case givenBack = "boot-given-back"
    /// The function is in a state from which boot does not change it.
    case different = "boot-different"
    /// The state of the function is unknown.
    case unknown = "boot-unknown"
    /// A guard refused it, or the kernel did.
    case failed = "boot-failed"
    /// Its PF was not set up.
    case physicalFunction = "boot-physical-function"
  }

  public var code: Code
  public var function: PCIAddress
  public var nic: String
  public var guest: String?
  public var message: String
  public var help: String?

  public init(
    _ code: Code, function: PCIAddress, nic: String, guest: String?, _ message: String, help: String? = nil
  ) {
    self.code = code
    self.function = function
    self.nic = nic
    self.guest = guest
    self.message = message
    self.help = help
  }

  /// A problem with the function of an entry.
  public init(_ code: Code, _ entry: BootEntry, _ message: String, help: String? = nil) {
    self.init(
      code, function: entry.address, nic: entry.nic, guest: entry.guest?.name, message, help: help)
  }

  /// Whether the problem may pass by itself: the driver is slow, or something has changed while it was read.
  public var mayPass: Bool { [.missing, .notReady, .unknown].contains(code) }

  /// Whether it was left on purpose, so that nobody has to act.
  public var isIntended: Bool { code == .givenBack }

  public static let form = Form<BootProblem>.record(
    "BootProblem", "Why a function was not set up.",
    Field("code", \.code, .choice("a problem"), "The kind of the problem, as a stable keyword."),
    Field("function", \.function, PCIAddress.form, "The function."),
    Field("nic", \.nic, .nicReference, "The NIC in the manifests."),
    Field("guest", \.guest, optional: .freeText, "The guest that claims it."),
    Field("message", \.message, .freeText, "The problem, as a sentence."),
    Field("help", \.help, optional: .freeText, "What to do."),
    make: { code, function, nic, guest, message, help in
      BootProblem(code, function: function, nic: nic, guest: guest, message, help: help)
    })
}

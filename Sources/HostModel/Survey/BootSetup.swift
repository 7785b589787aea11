/// How this host is set up to run pcipass when it boots, and when libvirt starts a guest.
public struct BootSetup: Sendable, Equatable {
  /// Whether systemd sees a unit.
  public enum Unit: Sendable, Equatable { case enabled, disabled, missing }

  /// What libvirt runs before it starts a guest.
  public enum Hook: Sendable, Equatable {
    /// A file in the folder of hooks, which libvirt 6.5 and later runs.
    case inFolder
    /// The single script that every libvirt runs, which mentions the hook.
    case inScript
    /// The file exists and is not executable.
    case notExecutable
    case missing
  }

  /// The units of a boot, in the order in which they run.
  public static let unitNames = [
    "pcipass-boot.service", "pcipass-boot-guests.service", "pcipass-boot-late.service",
  ]

  /// Whether the host was booted by systemd.
  public var hasSystemd: Bool
  /// The units by name.
  public var units: [String: Unit]
  public var hook: Hook

  public init(hasSystemd: Bool, units: [String: Unit], hook: Hook) {
    self.hasSystemd = hasSystemd
    self.units = units
    self.hook = hook
  }
}

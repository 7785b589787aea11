import Documents
import HostModel

/// A claim of a guest: a NIC in the guest, and the host NIC that is assigned as it.
public struct Claim: Sendable, Equatable {
  /// The name of the NIC in the guest. The ownership mark of the device contains this name
  /// (`Ownership`).
  public var name: Located<String>
  /// The host NIC or the pool, or a VF of it.
  public var from: Located<NICReference>
  /// The key `as`, for libvirt only.
  public var device: Hostdev.ElementKind
  public var bind: BindTime
  /// For libvirt only: whether libvirt may also rebind the function when the guest starts and
  /// stops.
  public var managed: Bool
  /// Whether the running guest is changed. If not, the change takes effect at its next start.
  public var hotplug: Bool
  /// Whether a VF or a member of a pool on the guest's NUMA node is assigned.
  public var numa: Preference
  /// Whether a port is assigned on which the guest has no other claim.
  public var spread: Preference
  /// The settings of the VF; empty for a whole function.
  public var settings: VFSettings

  public init(
    name: Located<String>, from: Located<NICReference>, device: Hostdev.ElementKind = .hostdev,
    bind: BindTime = .now,
    managed: Bool = true, hotplug: Bool = true, numa: Preference = .prefer, spread: Preference = .prefer,
    settings: VFSettings = VFSettings()
  ) {
    self.name = name
    self.from = from
    self.device = device
    self.bind = bind
    self.managed = managed
    self.hotplug = hotplug
    self.numa = numa
    self.spread = spread
    self.settings = settings
  }

  /// When the function is bound to its passthrough driver: at apply, or when libvirt starts the guest.
  public enum BindTime: String, CaseIterable, Sendable {
    case now
    case onStart = "on-start"
  }

  /// How much a condition counts where pcipass chooses what is assigned.
  public enum Preference: String, CaseIterable, Sendable {
    /// What meets the condition comes first.
    case prefer
    /// Only what meets the condition is assigned.
    case require
    case ignore
  }
}

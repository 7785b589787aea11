import Documents
import HostModel
import Manifests

/// One change of one thing, with what it changes from, so that it can be taken back.
public enum Action: Sendable, Hashable {
  /// `modprobe NAME`
  case load(module: String)
  /// `driver_override`, unbind, probe.
  case bind(PCIAddress, from: Binding, to: Binding)
  /// Give a PF another number of VFs: those that it has vanish first.
  case resize(PCIAddress, from: VFSet, to: VFSet)
  /// Set what a PF holds of one VF.
  case configure(VFPlace, from: VFSettings, to: VFSettings)
  case attach(Hostdev, Placement)
  case detach(Hostdev, Placement)

  /// What takes it back; nil where nothing needs to.
  public var inverse: Action? {
    switch self {
    case .load: nil
    case .bind(let address, let from, let to): .bind(address, from: to, to: from)
    case .resize(let address, let from, let to): .resize(address, from: to, to: from)
    case .configure(let place, let from, let to): .configure(place, from: to, to: from)
    case .attach(let hostdev, let placement): .detach(hostdev, placement)
    case .detach(let hostdev, let placement): .attach(hostdev, placement)
    }
  }

  /// The function it acts on.
  public var function: PCIAddress? {
    switch self {
    case .load: nil
    case .bind(let address, _, _), .resize(let address, _, _): address
    case .configure(let place, _, _): place.address
    case .attach(let hostdev, _), .detach(let hostdev, _): hostdev.address
    }
  }
}

extension Action {
  /// The guest that it changes.
  public var guest: GuestManager? {
    switch self {
    case .load, .bind, .resize, .configure: nil
    case .attach(_, let placement), .detach(_, let placement): placement.guest
    }
  }
}

/// A function's driver and what keeps it there.
public struct Binding: Sendable, Hashable {
  /// Nil is no driver.
  public var driver: String?
  public var override: String?
  /// The kernel is to choose: nothing tells which driver that will be.
  public var isKernelsChoice: Bool
  /// By the driver's `new_id`, for kernels without `driver_override`.
  public var isByNewID: Bool

  public init(
    driver: String?, override: String?, isKernelsChoice: Bool = false, isByNewID: Bool = false
  ) {
    self.driver = driver
    self.override = override
    self.isKernelsChoice = isKernelsChoice
    self.isByNewID = isByNewID
  }

  public init(of function: PCIFunction) {
    self.init(driver: function.driver, override: function.driverOverride)
  }

  /// Whether a function bound so is bound as this asks.
  public func isMet(by actual: Binding) -> Bool {
    guard actual.override == override else { return false }
    return isKernelsChoice ? !Drivers.isPassthrough(actual.driver) : actual.driver == driver
  }
}

extension Binding {
  /// An override that only repeats the driver is as good as none where it was not asked for: libvirt sets one with a
  /// guest's device, and clears it.
  func isAsGood(as other: Binding) -> Bool {
    func plain(_ binding: Binding) -> Binding {
      var binding = binding
      if binding.override == other.driver { binding.override = nil }
      return binding
    }
    return plain(self).isMet(by: plain(other))
  }
}

extension Binding: CustomStringConvertible {
  public var description: String {
    let name = isKernelsChoice ? "the kernel's choice" : driver ?? "no driver"
    if isByNewID { return "\(name) (by new_id)" }
    guard let override, override != driver else { return name }
    return "\(name) (override \(override))"
  }
}

/// In which guest, and in which of its two lists, a hostdev is.
public struct Placement: Sendable, Hashable {
  public typealias Part = GuestState.Part

  public var guest: GuestManager
  public var part: Part

  public init(guest: GuestManager, part: Part) {
    self.guest = guest
    self.part = part
  }
}

extension GuestManager {
  /// libvirt's name of the domain, or the socket's path.
  public var name: String {
    switch self {
    case .libvirt(let domain): domain
    case .qemu(let socket): socket
    }
  }
}

extension HostState {
  /// The guests that a manager knows, or why they are not known.
  public func guests(of manager: GuestManager) -> Observed<[GuestState]> {
    switch manager {
    case .libvirt: libvirt
    case .qemu: qemu
    }
  }

  /// All guests that are known, with who runs them.
  public var allGuests: [(manager: GuestManager, state: GuestState)] {
    (libvirt.value ?? []).map { (.libvirt(domain: $0.name), $0) }
      + (qemu.value ?? []).map { (.qemu(socket: $0.name), $0) }
  }
}

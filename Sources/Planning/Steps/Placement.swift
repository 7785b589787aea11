import HostModel
import Manifests

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

  /// The VFIO driver that the definition of a device asks for. QEMU's names are those of its own device models.
  func vfioModel(of hostdev: Hostdev?) -> String? {
    if case .libvirt = self { hostdev?.vfioModel } else { nil }
  }

  /// The guest in a sentence.
  var words: String {
    switch self {
    case .libvirt(let domain): "the domain \(domain)"
    case .qemu(let socket): "the QEMU at \(socket)"
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

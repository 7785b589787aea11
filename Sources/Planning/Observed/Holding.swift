import HostModel
import Manifests

/// A guest that has a function, in its definition or now.
public struct Holding: Sendable {
  public let guest: GuestManager
  public let part: Placement.Part
  public let hostdev: Hostdev
  /// Whether pcipass assigned the function: the device has the ownership mark, or the device in the
  /// definition of the same guest has it. A device that was hot-plugged by another program cannot be marked
  /// while the guest runs.
  let isAssignedByPcipass: Bool
  /// The libvirt network that assigned the function, if one did.
  public let network: String?

  var isManagedByLibvirt: Bool { guest.binds(hostdev) }
  var placement: Placement { Placement(guest: guest, part: part) }
}

extension Holding: CustomStringConvertible {
  public var description: String {
    let mark = hostdev.alias.map { " as \($0)" } ?? ""
    let origin = network.map { " from the libvirt network \($0)" } ?? ""
    return "\(guest.name), \(part.rawValue): \(hostdev.address)\(mark)\(origin)"
  }
}

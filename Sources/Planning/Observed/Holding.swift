import HostModel
import Manifests

/// A guest that has a function, in its definition or now.
public struct Holding: Sendable {
  public let guest: GuestManager
  public let part: Placement.Part
  public let hostdev: Hostdev
  /// pcipass gave it: the device bears its mark, or does so in the definition of the same guest, where what
  /// runs was put in by somebody else and cannot be marked.
  let isOurs: Bool
  /// The libvirt network that assigned it; nil where a guest has it in another way.
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

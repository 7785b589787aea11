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

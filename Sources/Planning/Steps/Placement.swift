import HostModel
import Manifests

/// The guest that has a hostdev, and whether the definition or the running guest has it.
public struct Placement: Sendable, Hashable {
  public typealias Part = GuestState.Part

  public var guest: GuestManager
  public var part: Part

  public init(guest: GuestManager, part: Part) {
    self.guest = guest
    self.part = part
  }
}

import HostModel
import Manifests
import Planning

/// A manager of guests, with the operations that observation and the steps need. libvirt and QEMU
/// each have an implementation for a live host (`Live`) and one for a simulated host (`Simulated`).
///
/// Several threads may call it at the same time.
protocol GuestBackend: Sendable {
  /// All guests of the manager, or the reason why they could not be read.
  func guests() -> Observed<[GuestState]>

  /// All guests of the manager, after some of them have changed. The other guests may be taken from
  /// `before`.
  ///
  /// - Parameters:
  ///   - changed: the names of the guests to read again.
  ///   - before: the guests as they were last read.
  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]>

  /// The guest of this name; nil if libvirt has no such domain, or if no QEMU answers at that
  /// socket.
  ///
  /// - Throws: `.unreadable` if the manager cannot be reached.
  func guest(_ name: String) throws(HostFailure) -> GuestState?

  /// Adds a device to the definition or to the running guest. The caller verifies the result.
  ///
  /// - Throws: `.refused` with the error of the manager; `.stuck` if it has not answered in time.
  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)

  /// Removes a device from the definition; or sends the running guest an unplug request, and waits
  /// until the guest has released the device.
  ///
  /// - Throws: `.unanswered` if the guest has not answered in time, `.refused` if it refuses.
  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)

  /// A device as the definition contains it now.
  ///
  /// - Parameter device: the kind of device to which its XML is converted.
  /// - Throws: `.refused` if the definition has no such device, or cannot be edited.
  func definition(of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind)
    throws(HostFailure)
    -> DefinedDevice

  /// Edits a device of a definition and leaves the rest of the definition unchanged.
  ///
  /// - Throws: `.refused` if the device differs from the one that the edit starts from;
  ///   `.unverified` if another part of the definition has changed with the edit.
  func edit(_ edit: EditDevice) throws(HostFailure)

  /// Whether the manager is working on the guest, for this pcipass or for another program.
  func isBusy(with name: String) -> Bool
}

/// A device in the definition of a guest.
struct DefinedDevice {
  let hostdev: Hostdev
  /// The XML of the device, converted to the requested kind of device; nil if the fields of
  /// `Hostdev` express all of it.
  let element: String?
  /// The SHA-256 of the rest of the definition.
  let rest: String?
}

/// The managers of a host's guests.
enum GuestBackends: Sendable {
  case managers(libvirt: any GuestBackend, qemu: any GuestBackend)
  /// The host is only a tree of files.
  case ofFileTree
  /// The guests are not looked at (`--part host`).
  case notLookedAt

  subscript(kind: GuestManager.Kind) -> (any GuestBackend)? {
    switch (self, kind) {
    case (.managers(let libvirt, _), .libvirt): libvirt
    case (.managers(_, let qemu), .qemu): qemu
    case (.ofFileTree, _), (.notLookedAt, _): nil
    }
  }

  /// The guests of a manager.
  func guests(of kind: GuestManager.Kind) -> Observed<[GuestState]> {
    self[kind]?.guests() ?? .unavailable(reason(kind))
  }

  /// Returns the manager.
  ///
  /// - Throws: `.unsupported` if there is none.
  func required(_ kind: GuestManager.Kind) throws(HostFailure) -> any GuestBackend {
    guard let backend = self[kind] else { throw HostFailure(.unsupported, reason(kind)) }
    return backend
  }

  /// The reason why there is no manager.
  private func reason(_ kind: GuestManager.Kind) -> String {
    switch self {
    case .managers, .ofFileTree: "a captured file tree has no \(kind.traits.title)"
    case .notLookedAt: HostState.guestsNotLookedAt
    }
  }
}

extension HostFailure {
  /// The definition of a guest does not have the function, or the guest does not have a definition.
  static func notDefined(_ address: PCIAddress, in guest: String) -> HostFailure {
    HostFailure(.refused, "\(guest) does not have \(address) in its definition")
  }
}

import HostModel
import Manifests
import Planning

/// A manager of guests, as observing a host and its steps need it. libvirt and QEMU conform for a live host (`Live`), and
/// a simulated libvirt and a simulated QEMU for a simulated one (`Simulated`).
///
/// Calls may come from several threads at once.
protocol GuestBackend: Sendable {
  /// All guests that the manager knows, or why they are not known.
  func guests() -> Observed<[GuestState]>

  /// The same, where only some guests have changed since.
  ///
  /// - Parameters:
  ///   - changed: the names of the guests to read again.
  ///   - before: the guests as they were last read.
  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]>

  /// A guest; nil where it does not run, or is not defined.
  ///
  /// - Throws: `.unreadable` where the manager cannot be asked.
  func guest(_ name: String) throws(HostFailure) -> GuestState?

  /// Adds a device to a definition or to what runs. The caller verifies that it is there.
  ///
  /// - Throws: `.refused` with the manager's own words; `.stuck` where it has not answered in time.
  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)

  /// Removes a device from a definition; or asks a running guest to release a device, and waits until it has.
  ///
  /// - Throws: `.unanswered` where the guest has not answered in time, `.refused` where it refuses.
  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure)

  /// A device of a definition as it is now.
  ///
  /// - Parameter device: the kind of device that its XML is wanted as.
  /// - Throws: `.refused` where the definition has no such device, or cannot be edited.
  func definition(of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind)
    throws(HostFailure)
    -> DefinedDevice

  /// Edits a device of a definition, and nothing else.
  ///
  /// - Throws: `.refused` where the device is not what it is edited from; `.unverified` where something else of the
  ///   definition has changed with the edit.
  func edit(_ edit: EditDevice) throws(HostFailure)

  /// Whether the manager is at work on the guest, be it for this pcipass or for another program.
  func isBusy(with name: String) -> Bool
}

/// A device in the definition of a guest.
struct DefinedDevice {
  let hostdev: Hostdev
  /// Its XML as the kind of device that was wanted, where it says more than the fields of a `Hostdev`.
  let element: String?
  /// The SHA-256 of the rest of the definition.
  let rest: String?
}

/// The managers of a host's guests.
struct GuestBackends: Sendable {
  private let libvirt: (any GuestBackend)?
  private let qemu: (any GuestBackend)?

  /// A manager is nil where the host is only a tree of files.
  init(libvirt: (any GuestBackend)?, qemu: (any GuestBackend)?) {
    self.libvirt = libvirt
    self.qemu = qemu
  }

  subscript(kind: GuestManager.Kind) -> (any GuestBackend)? {
    switch kind {
    case .libvirt: libvirt
    case .qemu: qemu
    }
  }
}

extension HostFailure {
  /// The definition of a guest does not have the function, or the guest does not have a definition.
  static func notDefined(_ address: PCIAddress, in guest: String) -> HostFailure {
    HostFailure(.refused, "\(guest) does not have \(address) in its definition")
  }
}

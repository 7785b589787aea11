import Documents
import Files
import HostModel
import Manifests
import Planning

/// The manager of QEMU guests without libvirt. Only the manifests list these guests.
struct QEMUBackend: GuestBackend {
  private let monitors: [QEMUMonitor]
  private let timeouts: Timeouts
  private let qemu = QEMU()

  /// - Parameter monitors: the monitors that the manifests name. If several have the same socket,
  ///   the first one counts.
  init(_ monitors: [QEMUMonitor], _ timeouts: Timeouts) {
    var sockets: Set<String> = []
    self.monitors = monitors.filter { sockets.insert($0.socket).inserted }
    self.timeouts = timeouts
  }

  /// All guests, in the order of the manifests. A guest that does not run is listed as shut off,
  /// because a guest that is not listed counts as unknown.
  func guests() -> Observed<[GuestState]> { guests { state($0) } }

  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]> {
    let known = Dictionary(before.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return guests { monitor in
      changed.contains(monitor.socket) ? state(monitor) : known[monitor.socket] ?? state(monitor)
    }
  }

  /// Reads several guests in parallel, because a monitor that hangs takes until its timeout.
  private func guests(_ state: @escaping @Sendable (QEMUMonitor) -> GuestState) -> Observed<[GuestState]> {
    .known(inParallel(count: monitors.count, atLeast: 2) { part in monitors[part].map(state) })
  }

  private func state(_ monitor: QEMUMonitor) -> GuestState {
    do throws(QEMUFailure) {
      return try qemu.guest(monitor)
        ?? GuestState(name: monitor.socket, run: .shutoff, persistent: nil, live: nil)
    } catch {
      return GuestState(
        name: monitor.socket, run: .unknown, persistent: nil, live: nil,
        unavailable: error.reason(for: monitor.socket))
    }
  }

  func guest(_ name: String) throws(HostFailure) -> GuestState? {
    do throws(QEMUFailure) { return try qemu.guest(monitor(name)) } catch { throw error.unreadable(name) }
  }

  /// Adds the device to the running guest and ignores the part of the placement, because a QEMU
  /// without libvirt has no definition.
  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try qemu.attach(hostdev, to: monitor(placement.guest.name), within: timeouts.step)
  }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try qemu.unplug(
      hostdev, from: monitor(placement.guest.name), within: timeouts.step, answer: timeouts.unplug)
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind
  ) throws(HostFailure) -> DefinedDevice {
    throw .notDefined(hostdev.address, in: placement.guest.name)
  }

  func edit(_ edit: EditDevice) throws(HostFailure) {
    throw .notDefined(edit.to.address, in: edit.placement.guest.name)
  }

  /// Always false: a QEMU that is working on a request does not answer another one, so reading the
  /// guest waits for it.
  func isBusy(with name: String) -> Bool { false }

  /// The monitor of a socket. A monitor that no manifest names must belong to root or to the user
  /// that runs pcipass.
  private func monitor(_ socket: String) -> QEMUMonitor {
    monitors.first { $0.socket == socket } ?? QEMUMonitor(socket: socket)
  }
}

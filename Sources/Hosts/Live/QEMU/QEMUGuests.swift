import Documents
import HostModel
import Manifests
import Planning

/// The QEMUs that the manifests name: nothing else tells of those that run without libvirt.
struct QEMUGuests: Sendable {
  private let monitors: [QEMUMonitor]
  private let qemu = QEMU()

  init(_ monitors: [QEMUMonitor]) {
    var sockets: Set<String> = []
    self.monitors = monitors.filter { sockets.insert($0.socket).inserted }
  }

  /// All of them, in the order of the manifests: of one that does not run is said so, since of one that is not
  /// here nothing is known.
  func states() -> [GuestState] { states { state($0) } }

  /// The same, where only some have changed since.
  func states(after changed: Set<GuestManager>, since before: [GuestState]) -> [GuestState] {
    let known = Dictionary(before.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return states { monitor in
      let isChanged = changed.contains(.qemu(socket: monitor.socket))
      return isChanged ? state(monitor) : known[monitor.socket] ?? state(monitor)
    }
  }

  /// Some at a time: one that hangs is waited for.
  private func states(_ state: @escaping @Sendable (QEMUMonitor) -> GuestState) -> [GuestState] {
    inParallel(count: monitors.count, atLeast: 2) { part in monitors[part].map(state) }
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

  /// One, or nil where it does not run.
  func guest(_ socket: String) throws(HostFailure) -> GuestState? {
    do throws(QEMUFailure) { return try qemu.guest(monitor(socket)) } catch {
      throw error.unreadable(socket)
    }
  }

  func attach(_ hostdev: Hostdev, to socket: String, _ timeouts: Timeouts) throws(HostFailure) {
    try qemu.attach(hostdev, to: monitor(socket), within: timeouts.step)
  }

  func unplug(_ hostdev: Hostdev, from socket: String, _ timeouts: Timeouts) throws(HostFailure) {
    try qemu.unplug(hostdev, from: monitor(socket), within: timeouts.step, answer: timeouts.unplug)
  }

  /// One that no manifest names is root's.
  private func monitor(_ socket: String) -> QEMUMonitor {
    monitors.first { $0.socket == socket } ?? QEMUMonitor(socket: socket)
  }
}

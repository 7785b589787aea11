import Glibc
import HostModel

/// Access to QEMU processes without libvirt, through their monitors. Each operation opens a
/// separate connection, because a monitor serves one client at a time and other programs use it
/// too.
struct QEMU: Sendable {
  /// The time for the greeting of a monitor, which QEMU sends at once if no other client is
  /// connected.
  var greeting = Duration.seconds(5)
  /// The time for all answers while a guest is read.
  var reading = Duration.seconds(30)

  /// The guest of a monitor; nil if it does not run.
  func guest(_ monitor: QEMUMonitor) throws(QEMUFailure) -> GuestState? {
    try whileItRuns(monitor) { client throws(QEMUFailure) in
      var guest = try GuestReader(within: reading).read(monitor.socket, &client)
      guest.numaNodes = ProcessPlacement.nodes(of: Int(client.process))
      if guest.uuid == nil { guest.process = ProcessIdentity(of: Int(client.process)) }
      return guest
    }
  }

  /// The result of some work on a connection; nil if the guest does not run. If the connection
  /// breaks, the work is repeated once on a new connection, so it must be safe to repeat.
  func whileItRuns<Value>(
    _ monitor: QEMUMonitor, _ work: (inout QMPClient) throws(QEMUFailure) -> Value
  ) throws(QEMUFailure) -> Value? {
    do throws(QEMUFailure) {
      return try once(monitor, work)
    } catch {
      guard error == .lost else { throw error }
      // A QEMU that ends closes its connections first, and its socket a moment later.
      usleep(200_000)
      return try once(monitor, work)
    }
  }

  private func once<Value>(
    _ monitor: QEMUMonitor, _ work: (inout QMPClient) throws(QEMUFailure) -> Value
  ) throws(QEMUFailure) -> Value? {
    var client: QMPClient
    do throws(QEMUFailure) {
      client = try QMPClient.connect(to: monitor, greeting: greeting)
    } catch {
      if error == .notRunning { return nil }
      throw error
    }
    return try work(&client)
  }
}

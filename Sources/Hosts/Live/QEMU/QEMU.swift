import Glibc
import HostModel

/// QEMUs without libvirt, asked over their monitors. Each operation connects anew: a monitor takes one client at a
/// time, and others may want it, too.
struct QEMU: Sendable {
  /// How long a monitor may take to greet. A free one does so at once.
  var greeting = Duration.seconds(5)
  /// How long it may take to answer what only reads.
  var reading = Duration.seconds(30)

  /// The guest, or nil where it does not run.
  func guest(_ monitor: QEMUMonitor) throws(QEMUFailure) -> GuestState? {
    try whileItRuns(monitor) { client throws(QEMUFailure) in
      var guest = try GuestReader(within: reading).read(monitor.socket, &client)
      if guest.uuid == nil { guest.process = ProcessIdentity(of: Int(client.process)) }
      return guest
    }
  }

  /// What the work gives, or nil where the guest does not run. A connection that breaks is opened once more, and the
  /// work done again; so it must be one that may be done twice.
  func whileItRuns<Value>(
    _ monitor: QEMUMonitor, _ work: (inout QMPClient) throws(QEMUFailure) -> Value
  ) throws(QEMUFailure) -> Value? {
    do throws(QEMUFailure) {
      return try once(monitor, work)
    } catch {
      guard error == .lost else { throw error }
      // A QEMU that ends closes its connections first, and is gone a moment later.
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

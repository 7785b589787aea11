import Glibc
import HostModel

/// QEMUs without libvirt, asked over their monitors. Each operation has a connection of its own: a monitor serves one client
/// at a time, and other programs use it, too.
struct QEMU: Sendable {
  /// How long a monitor may take for its greeting, which it sends at once where no other client is connected.
  var greeting = Duration.seconds(5)
  /// How long a monitor may take to answer all that reading a guest asks.
  var reading = Duration.seconds(30)

  /// The guest of a monitor; nil where it does not run.
  func guest(_ monitor: QEMUMonitor) throws(QEMUFailure) -> GuestState? {
    try whileItRuns(monitor) { client throws(QEMUFailure) in
      var guest = try GuestReader(within: reading).read(monitor.socket, &client)
      if guest.uuid == nil { guest.process = ProcessIdentity(of: Int(client.process)) }
      return guest
    }
  }

  /// The result of some work on a connection; nil where the guest does not run. After a connection that broke, the work is
  /// done once more on another one: it must be work that may be done twice.
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

import Documents
import HostModel

/// Changes the devices of a running guest.
extension QEMU {
  /// Adds a device by `device_add`, which returns after the device was added.
  ///
  /// - Parameter time: the time for the answer of QEMU.
  /// - Throws: `.refused` with QEMU's error, or if the guest does not run; `.stuck` if QEMU has not
  ///   answered in time.
  func attach(_ hostdev: Hostdev, to monitor: QEMUMonitor, within time: Duration) throws(HostFailure) {
    do throws(QEMUFailure) {
      var client = try QMPClient.connect(to: monitor, greeting: greeting)
      _ = try client.ask(.add(hostdev), within: time)
    } catch {
      guard error == .lost else { throw error.failure(for: monitor.socket) }
      throw HostFailure(
        .refused, "the QEMU at \(monitor.socket) exited during the hot-plug of \(hostdev.address)",
        help: "see the last output of that QEMU")
    }
  }

  /// Sends a running guest an unplug request by `device_del`, and waits until the guest has
  /// released the device.
  ///
  /// Success of `device_del` means only that the request was sent. The device is released when QEMU
  /// sends the event `DEVICE_DELETED`, or when QEMU no longer lists the device.
  ///
  /// - Parameters:
  ///   - time: the time for the answer of QEMU.
  ///   - answer: the time for the answer of the guest.
  /// - Throws: `.unanswered` if the guest has not answered in time; `.refused` if the guest or QEMU
  ///   refuses.
  func unplug(
    _ hostdev: Hostdev, from monitor: QEMUMonitor, within time: Duration, answer: Duration
  ) throws(HostFailure) {
    guard let id = hostdev.alias else {
      throw HostFailure(
        .refused,
        "cannot hot-unplug \(hostdev.address): it has no id in the QEMU at \(monitor.socket)",
        help: "shut the guest off; then start it without the device, or with an id for it")
    }
    let outcome: Unplugging.UnplugResult?
    do throws(QEMUFailure) {
      // The outcome is nil if QEMU has ended, and with it the use of the device.
      let end = ContinuousClock.now + answer
      outcome = try whileItRuns(monitor) { client throws(QEMUFailure) in
        try Unplugging(id: id, time: time, end: end).run(&client)
      }
    } catch {
      throw error.failure(for: monitor.socket)
    }
    switch outcome {
    case nil, .gone: return
    case .refused: throw .unplugRefused(hostdev, by: "the QEMU at \(monitor.socket)")
    case .unanswered: throw .unplugUnanswered(hostdev, by: "the QEMU at \(monitor.socket)")
    }
  }
}

extension QMPClient.QMPCommand {
  fileprivate static func add(_ hostdev: Hostdev) -> Self {
    var members = [
      JSON.Member("driver", .string(hostdev.driver ?? "vfio-pci")),
      JSON.Member("host", .string(hostdev.address.description)),
    ]
    if let failoverPartner = hostdev.failoverPartner {
      members.append(JSON.Member("failover_pair_id", .string(failoverPartner)))
    }
    if let id = hostdev.alias { members.append(JSON.Member("id", .string(id))) }
    if let object = hostdev.iommufd { members.append(JSON.Member("iommufd", .string(object))) }
    if let bus = hostdev.bus { members.append(JSON.Member("bus", .string(bus))) }
    // `addr` is the slot on that bus; the guest chooses the number of the bus.
    if let place = hostdev.guestAddress {
      let slot = String(place.device, radix: 16)
      members.append(JSON.Member("addr", .string("\(slot.count < 2 ? "0" : "")\(slot).\(place.function)")))
    }
    return Self("device_add", members)
  }
}

/// One unplug request, until its answer.
private struct Unplugging {
  enum UnplugResult { case gone, refused, unanswered }

  let id: String
  /// The time for the answer of QEMU to a command.
  let time: Duration
  /// The deadline for the answer of the guest.
  let end: ContinuousClock.Instant

  func run(_ client: inout QMPClient) throws(QEMUFailure) -> UnplugResult {
    var isAsked = false
    while true {
      if !isAsked {
        switch try request(&client) {
        case .accepted: isAsked = true
        case .gone: return .gone
        case .guestIsBusy: break
        }
      }
      let isLast = ContinuousClock.now >= end
      if try !isThere(&client) { return .gone }
      // At the deadline, events that have already arrived are still read.
      let wait = isLast ? .now + .milliseconds(100) : min(end, .now + (isAsked ? .seconds(2) : .seconds(1)))
      while let event = try client.event(until: wait) {
        guard concerns(event) else { continue }
        return event.name == "DEVICE_DELETED" ? .gone : .refused
      }
      if isLast { return .unanswered }
    }
  }

  private enum UnplugRequest { case accepted, gone, guestIsBusy }

  private func request(_ client: inout QMPClient) throws(QEMUFailure) -> UnplugRequest {
    do throws(QEMUFailure) {
      _ = try client.ask(QMPClient.QMPCommand("device_del", [JSON.Member("id", .string(id))]), within: time)
      return .accepted
    } catch {
      guard case .error(let refusal) = error else { throw error }
      switch refusal.kind {
      case .deviceNotFound: return .gone
      // These errors have the same class, so the message distinguishes them.
      case .generic where refusal.message.contains("already in the process of unplug"): return .accepted
      case .generic where refusal.message.contains("guest is busy"): return .guestIsBusy
      default: throw error
      }
    }
  }

  private func isThere(_ client: inout QMPClient) throws(QEMUFailure) -> Bool {
    let answers = try client.ask([.list(QEMUObject.peripherals)], within: time)
    return try QMPClient.object(answers[0])?.has(id) ?? false
  }

  private func concerns(_ event: QMPClient.QMPEvent) -> Bool {
    event.data["device"]?.string == id || event.data["path"]?.string == "\(QEMUObject.peripherals)/\(id)"
  }
}

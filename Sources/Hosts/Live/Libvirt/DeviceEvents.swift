import CLibvirt
import Documents
import Files
import Synchronization
import SystemPackage

/// The libvirt events for one device of a running guest: the device was removed, or the guest has
/// refused to release it.
final class DeviceEvents: Sendable {
  /// Raised at each event.
  let changed: Wakeup
  private let alias: String
  private let refused = Mutex(false)
  fileprivate let subscription = Mutex<Subscription?>(nil)

  fileprivate struct Subscription: Sendable {
    let connection: LibvirtConnection
    var numbers: [CInt]
  }

  fileprivate init(alias: String) throws(Errno) {
    self.alias = alias
    changed = try Wakeup()
  }

  /// Whether the guest has refused to release the device.
  var isRefused: Bool { refused.withLock { $0 } }

  fileprivate func record(_ alias: String, isRefused: Bool) {
    guard alias == self.alias else { return }
    if isRefused { refused.withLock { $0 = true } }
    changed.raise()
  }
}

extension Libvirt {
  private static let subscribing = Duration.seconds(15)

  /// Subscribes to the events of a device. The caller must subscribe before the unplug request,
  /// because the event can arrive before the request returns.
  ///
  /// - Throws: as `ask`; `.unavailable` if the process has no file descriptor left.
  func subscribe(to domain: String, alias: String) throws(LibvirtFailure) -> DeviceEvents {
    let events: DeviceEvents
    do throws(Errno) { events = try DeviceEvents(alias: alias) } catch {
      throw .unavailable("cannot receive events from libvirt: \(error)")
    }
    let subscription = try ask(.reading, within: Self.subscribing) { connection throws(LibvirtError) in
      try connection.withDomain(domain) { handle throws(LibvirtError) in
        DeviceEvents.Subscription(
          connection: connection, numbers: try connection.register(events, of: handle))
      }
    }
    events.subscription.withLock { $0 = subscription }
    return events
  }

  /// Ends a subscription, within one second. If that fails, the subscription ends with its
  /// connection.
  func unsubscribe(_ events: DeviceEvents) {
    guard let subscription = events.subscription.withLock({ $0 }) else { return }
    _ = within(.seconds(1)) {
      let connection = subscription.connection
      guard connection.slots.take(for: .reading) else { return }
      defer { connection.slots.release(.reading) }
      for number in subscription.numbers {
        _ = connection.library.call.virConnectDomainEventDeregisterAny(connection.handle, number)
      }
    }
  }
}

extension LibvirtConnection {
  /// Registers callbacks for both events and returns their ids. The arguments of both callbacks are
  /// the connection, the domain, the alias of the device, and `events`.
  fileprivate func register(
    _ events: DeviceEvents, of domain: OpaquePointer
  ) throws(LibvirtError) -> [CInt] {
    let removed: clibvirt_device_event = { _, _, alias, events in record(events, alias, isRefused: false) }
    let refused: clibvirt_device_event = { _, _, alias, events in record(events, alias, isRefused: true) }
    var numbers: [CInt] = []
    for (event, callback) in [
      (CLIBVIRT_EVENT_DEVICE_REMOVED, removed), (CLIBVIRT_EVENT_DEVICE_REMOVAL_FAILED, refused),
    ] {
      let kept = Unmanaged.passRetained(events)
      let number = library.call.virConnectDomainEventRegisterAny(
        handle, domain, CInt(event),
        // This cast is the macro VIR_DOMAIN_EVENT_CALLBACK of libvirt.
        unsafeBitCast(callback, to: clibvirt_event.self), kept.toOpaque(),
        { if let events = $0 { Unmanaged<DeviceEvents>.fromOpaque(events).release() } })
      guard number >= 0 else {
        let error = library.lastError()
        kept.release()
        throw error
      }
      numbers.append(number)
    }
    return numbers
  }
}

private func record(_ events: UnsafeMutableRawPointer?, _ alias: UnsafePointer<CChar>?, isRefused: Bool) {
  guard let events, let alias else { return }
  Unmanaged<DeviceEvents>.fromOpaque(events).takeUnretainedValue()
    .record(String(cString: alias), isRefused: isRefused)
}

import CLibvirt
import Documents
import Synchronization
import SystemPackage

/// What libvirt says of one device of a running guest, as it happens.
final class DeviceEvents: Sendable {
  /// Said when there is something to look at.
  let changed: Signal
  private let alias: String
  private let refused = Mutex(false)
  fileprivate let subscription = Mutex<Subscription?>(nil)

  fileprivate struct Subscription: Sendable {
    let connection: LibvirtConnection
    var numbers: [CInt]
  }

  fileprivate init(alias: String) throws(Errno) {
    self.alias = alias
    changed = try Signal()
  }

  /// The guest has said no.
  var isRefused: Bool { refused.withLock { $0 } }

  fileprivate func tell(_ alias: String, isRefused: Bool) {
    guard alias == self.alias else { return }
    if isRefused { refused.withLock { $0 = true } }
    changed.raise()
  }
}

extension Libvirt {
  private static let subscribing = Duration.seconds(15)

  /// Must be done before the guest is asked: its answer can come before the request has returned.
  func subscribe(to domain: String, alias: String) throws(LibvirtFailure) -> DeviceEvents {
    let events: DeviceEvents
    do throws(Errno) { events = try DeviceEvents(alias: alias) } catch {
      throw .unavailable("no events from libvirt: \(error)")
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

  /// Nothing depends on it: with the connection all of its subscriptions end.
  func unsubscribe(_ events: DeviceEvents) {
    guard let subscription = events.subscription.withLock({ $0 }) else { return }
    _ = within(.seconds(1)) {
      let connection = subscription.connection
      guard connection.slots.take(for: .reading) else { return }
      defer { connection.slots.giveBack(.reading) }
      for number in subscription.numbers {
        _ = connection.library.call.virConnectDomainEventDeregisterAny(connection.handle, number)
      }
    }
  }
}

extension LibvirtConnection {
  /// Both events have the same form: the connection, the domain, the device's alias, and what was given here.
  fileprivate func register(
    _ events: DeviceEvents, of domain: OpaquePointer
  ) throws(LibvirtError) -> [CInt] {
    let removed: clibvirt_device_event = { _, _, alias, events in tell(events, alias, isRefused: false) }
    let refused: clibvirt_device_event = { _, _, alias, events in tell(events, alias, isRefused: true) }
    var numbers: [CInt] = []
    for (event, callback) in [
      (CLIBVIRT_EVENT_DEVICE_REMOVED, removed), (CLIBVIRT_EVENT_DEVICE_REMOVAL_FAILED, refused),
    ] {
      let kept = Unmanaged.passRetained(events)
      let number = library.call.virConnectDomainEventRegisterAny(
        handle, domain, CInt(event),
        // As libvirt's own macro VIR_DOMAIN_EVENT_CALLBACK does.
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

private func tell(_ events: UnsafeMutableRawPointer?, _ alias: UnsafePointer<CChar>?, isRefused: Bool) {
  guard let events, let alias else { return }
  Unmanaged<DeviceEvents>.fromOpaque(events).takeUnretainedValue()
    .tell(String(cString: alias), isRefused: isRefused)
}

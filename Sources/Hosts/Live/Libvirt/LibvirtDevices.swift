import CLibvirt
import Documents
import Files
import HostModel
import Planning

/// Changes the devices of a domain, in its definition or in the running guest.
extension Libvirt {
  /// Adds a device. The libvirt call returns after the device was added.
  ///
  /// - Parameter time: the time for the answer of libvirt.
  /// - Throws: `.refused` with libvirt's error.
  func attach(
    _ hostdev: Hostdev, to domain: String, _ part: GuestState.Part, within time: Duration
  ) throws(HostFailure) {
    let xml = try Self.xml(of: hostdev)
    if part == .persistent, try restoreBootOrder(of: hostdev, in: domain, within: time) { return }
    try change(hostdev, in: domain, part, shouldBePresent: true, within: time) {
      library, handle in library.call.virDomainAttachDeviceFlags(handle, xml, part.flag)
    }
  }

  /// Removes a device from a definition.
  ///
  /// - Parameter time: the time for the answer of libvirt.
  func detach(_ hostdev: Hostdev, fromDefinitionOf domain: String, within time: Duration) throws(HostFailure)
  {
    let flag = GuestState.Part.persistent.flag
    // A definition contains only aliases that users have set, not generated ones.
    if let alias = Ownership.userAlias(hostdev.alias) {
      return try change(hostdev, in: domain, .persistent, shouldBePresent: false, within: time) {
        library, handle in library.call.virDomainDetachDeviceAlias(handle, alias, flag)
      }
    }
    let xml = try Self.xml(of: hostdev)
    try change(hostdev, in: domain, .persistent, shouldBePresent: false, within: time) {
      library, handle in library.call.virDomainDetachDeviceFlags(handle, xml, flag)
    }
  }

  /// Sends a running guest an unplug request, and waits until the guest has released the device.
  ///
  /// Success of the libvirt call means only that the request was sent. The device is released when
  /// the domain's XML no longer contains it; each event of libvirt triggers a read of the XML.
  ///
  /// - Parameters:
  ///   - time: the time for the answer of libvirt.
  ///   - answer: the time for the answer of the guest.
  /// - Throws: `.unanswered` if the guest has not answered in time; `.refused` if the guest or
  ///   libvirt refuses.
  func unplug(
    _ hostdev: Hostdev, from domain: String, within time: Duration, answer: Duration
  ) throws(HostFailure) {
    guard let alias = hostdev.alias else {
      throw HostFailure(
        .refused, "cannot hot-unplug \(hostdev.address) from \(domain): the device has no alias")
    }
    let events: DeviceEvents
    do throws(LibvirtFailure) { events = try subscribe(to: domain, alias: alias) } catch {
      throw HostFailure(error)
    }
    defer { unsubscribe(events) }
    try change(hostdev, in: domain, .live, shouldBePresent: false, within: time) { library, handle in
      library.call.virDomainDetachDeviceAlias(handle, alias, GuestState.Part.live.flag)
    }
    let end = ContinuousClock.now + answer
    while true {
      let isLast = ContinuousClock.now >= end
      if try !isThere(hostdev, in: domain, .live) { return }
      if events.isRefused { throw .unplugRefused(hostdev, by: domain) }
      if isLast { throw .unplugUnanswered(hostdev, by: domain) }
      // An event is lost if the connection breaks, so the XML is also read every 2 seconds.
      _ = events.changed.wait(until: min(end, .now + .seconds(2)))
    }
  }

  private static func xml(of hostdev: Hostdev) throws(HostFailure) -> String {
    do throws(Diagnostics) { return try hostdev.libvirtXML() } catch {
      throw HostFailure(.refused, error.message)
    }
  }

  /// Makes one change. If the connection breaks meanwhile, the domain is read, and the change is
  /// repeated once if it did not take effect.
  private func change(
    _ hostdev: Hostdev, in domain: String, _ part: GuestState.Part, shouldBePresent: Bool,
    within time: Duration,
    _ work: @escaping @Sendable (LibvirtLibrary, OpaquePointer) -> CInt
  ) throws(HostFailure) {
    do throws(LibvirtFailure) {
      for isSecond in [false, true] {
        do throws(LibvirtFailure) {
          return try askOnce(.changing, within: time) { connection throws(LibvirtError) in
            try connection.withDomain(domain) { handle throws(LibvirtError) in
              try connection.check(work(connection.library, handle))
            }
          }
        } catch {
          guard case .lost = error, !isSecond else { throw error }
          if try contains(hostdev, domain, part) == shouldBePresent { return }
        }
      }
    } catch {
      throw HostFailure(error)
    }
  }

  private func isThere(
    _ hostdev: Hostdev, in domain: String, _ part: GuestState.Part
  ) throws(HostFailure) -> Bool {
    do throws(LibvirtFailure) { return try contains(hostdev, domain, part) } catch {
      throw HostFailure(error)
    }
  }

  private func contains(
    _ hostdev: Hostdev, _ domain: String, _ part: GuestState.Part
  ) throws(LibvirtFailure) -> Bool {
    try self.domain(domain)?.hostdevs(part)?.contains { $0.isSame(inLibvirt: hostdev) } ?? false
  }
}

extension GuestState.Part {
  /// The flag of `virDomainModificationImpact`.
  fileprivate var flag: UInt32 {
    UInt32(self == .live ? CLIBVIRT_AFFECT_LIVE : CLIBVIRT_AFFECT_CONFIG)
  }
}

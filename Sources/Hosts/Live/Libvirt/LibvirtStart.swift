import CLibvirt
import Planning

/// Starts domains.
extension Libvirt {
  /// Starts a domain from its definition. The call is made once: if its answer is lost, the domain may have been
  /// started.
  ///
  /// - Parameter time: the time for the answer of libvirt.
  /// - Throws: `.refused` with libvirt's error, which contains what a hook has printed.
  func start(_ domain: String, within time: Duration) throws(HostFailure) {
    do throws(LibvirtFailure) {
      try askOnce(.changing, within: time) { connection throws(LibvirtError) in
        try connection.withDomain(domain) { handle throws(LibvirtError) in
          try connection.check(connection.library.call.virDomainCreate(handle))
        }
      }
    } catch {
      throw HostFailure(error)
    }
  }
}

import CLibvirt
import Documents
import Glibc
import HostModel

/// Reads the networks that assign VFs to guests.
extension Libvirt {
  /// The networks with `<forward mode='hostdev'>`, sorted by name.
  ///
  /// - Throws: `.unavailable` if libvirt cannot be reached, or if the XML of a network cannot be
  ///   read.
  func hostdevNetworks() throws(LibvirtFailure) -> [HostdevNetwork] {
    let found = try ask(.reading, within: .seconds(60)) { connection throws(LibvirtError) in
      try connection.hostdevNetworks()
    }
    switch found {
    case .success(let networks): return networks.sorted { $0.name < $1.name }
    case .failure(let diagnostic): throw .unavailable(diagnostic.message)
    }
  }
}

extension LibvirtConnection {
  fileprivate func hostdevNetworks() throws(LibvirtError) -> Result<[HostdevNetwork], Diagnostics> {
    do throws(LibvirtError) {
      return try withNetworks { networks throws(LibvirtError) in
        var result: [HostdevNetwork] = []
        for network in networks {
          guard let name = library.call.virNetworkGetName(network).map({ String(cString: $0) }) else {
            throw library.lastError()
          }
          do throws(LibvirtError) {
            let text = try xml(ofNetwork: network)
            let xml: NetworkXML
            do throws(Diagnostics) { xml = try NetworkXML(text, of: name) } catch {
              return .failure(
                Diagnostics(
                  code: "xml",
                  "cannot read the XML of the libvirt network \(name): \(error.message)"))
            }
            if xml.isHostdev { result.append(try describe(network, name, xml)) }
          } catch {
            // A network that was removed meanwhile is left out.
            guard error.code == .noNetwork else { throw error }
          }
        }
        return .success(result)
      }
    } catch {
      // A hypervisor driver that does not support networks has none.
      guard error.code == .noSupport else { throw error }
      return .success([])
    }
  }

  private func describe(
    _ network: OpaquePointer, _ name: String, _ xml: NetworkXML
  ) throws(LibvirtError) -> HostdevNetwork {
    let isActive = library.call.virNetworkIsActive(network)
    try check(isActive)
    var autostart: CInt = 0
    // The error is ignored, because a transient network does not have this setting.
    _ = library.call.virNetworkGetAutostart(network, &autostart)
    return HostdevNetwork(
      name: name, isActive: isActive == 1, isAutostarted: autostart == 1, interfaces: xml.interfaces,
      addresses: xml.addresses)
  }

  private func xml(ofNetwork network: OpaquePointer) throws(LibvirtError) -> [UInt8] {
    guard let text = library.call.virNetworkGetXMLDesc(network, 0) else { throw library.lastError() }
    defer { free(text) }
    return [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  private func withNetworks<Value>(
    _ body: ([OpaquePointer]) throws(LibvirtError) -> Value
  ) throws(LibvirtError) -> Value {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = library.call.virConnectListAllNetworks(handle, &list, 0)
    try check(count)
    let networks = (0..<Int(count)).compactMap { list?[$0] }
    defer {
      for network in networks { _ = library.call.virNetworkFree(network) }
      free(list)
    }
    return try body(networks)
  }
}

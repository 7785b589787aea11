import Documents
import HostModel

extension GuestState {
  /// Reads the domain that libvirt is about to start, from the XML that it passes to its hook.
  ///
  /// - Parameter name: the name of the domain.
  /// - Throws: if the XML cannot be parsed or is not that of a domain.
  public static func starting(_ name: String, _ xml: [UInt8]) throws(Diagnostics) -> GuestState {
    let domain = try DomainXML(xml, of: name)
    return GuestState(
      name: name, run: .shutoff, persistent: domain.hostdevs, live: nil, uuid: domain.uuid)
  }
}

import Documents

/// What is remembered of a function without an interface. A NIC on vfio-pci shows neither its MAC address nor
/// its interface name.
public struct RememberedIdentity: Sendable, Equatable {
  /// The permanent MAC address.
  public var mac: MACAddress?
  /// The name of the interface.
  public var interface: String?
  /// The native driver.
  public var driver: String?
  /// The alternative names of the interface.
  public var altnames: [String]

  public init(mac: MACAddress?, interface: String?, driver: String?, altnames: [String] = []) {
    self.mac = mac
    self.interface = interface
    self.driver = driver
    self.altnames = altnames
  }

  public static let form = Form<RememberedIdentity>.record(
    "Identity", "What pcipass recorded of the function when it last had an interface.",
    Field("mac", \.mac, optional: MACAddress.form, "The permanent MAC address."),
    Field("interface", \.interface, optional: .interfaceName, "The name of the interface."),
    Field("driver", \.driver, optional: .fileName("a driver name"), "The native driver."),
    Field(
      "altnames", \.altnames, .list(of: .alternativeName), default: [],
      "The alternative names of the interface."),
    make: RememberedIdentity.init)
}

import Documents

/// Which function it is, wherever it is: an address says only where something is. A VF is its PF and its number there.
public struct FunctionIdentity: Sendable, Hashable {
  public var id: PCIID
  public var deviceClass: PCIClass
  public var subsystem: PCIID?
  /// The card's PCIe Device Serial Number, which its ports share: they differ in their function's number.
  public var serial: String?
  public var port: Int
  /// Its permanent MAC address.
  public var mac: MACAddress?
  /// The VF's number; the rest is its PF's then.
  public var virtualFunction: Int?

  public init(
    id: PCIID, deviceClass: PCIClass, subsystem: PCIID? = nil, serial: String? = nil, port: Int,
    mac: MACAddress? = nil, virtualFunction: Int? = nil
  ) {
    self.id = id
    self.deviceClass = deviceClass
    self.subsystem = subsystem
    self.serial = serial
    self.port = port
    self.mac = mac
    self.virtualFunction = virtualFunction
  }

  public static let form = Form<FunctionIdentity>.record(
    "FunctionIdentity", "Which function it is, wherever it is; of a VF, which its PF is.",
    Field("id", \.id, PCIID.form, "Vendor and device id."),
    Field("class", \.deviceClass, PCIClass.form, "Class, subclass and programming interface."),
    Field("subsystem", \.subsystem, optional: PCIID.form, "Subsystem vendor and device id."),
    Field("serial", \.serial, optional: .deviceSerial, "PCIe Device Serial Number of the card."),
    Field("port", \.port, .integer(0...7), "The function's number on the card."),
    Field("mac", \.mac, optional: MACAddress.form, "Its permanent MAC address."),
    Field("virtualFunction", \.virtualFunction, optional: .integer(0...65535), "The VF's number."),
    make: { id, deviceClass, subsystem, serial, port, mac, virtualFunction in
      FunctionIdentity(
        id: id, deviceClass: deviceClass, subsystem: subsystem, serial: serial, port: port, mac: mac,
        virtualFunction: virtualFunction)
    })

  /// What shows that the other is another function, in words; nil where nothing does. Only what both know is compared.
  public func difference(from other: FunctionIdentity) -> String? {
    func differ<Value: Equatable & CustomStringConvertible>(
      _ what: String, _ mine: Value?, _ others: Value?
    ) -> String? {
      guard let mine, let others, mine != others else { return nil }
      return "its \(what) is \(mine), and was \(others)"
    }
    if virtualFunction != other.virtualFunction {
      func words(_ number: Int?) -> String { number.map { "VF \($0)" } ?? "no VF" }
      return "it is \(words(virtualFunction)) of its PF, and was \(words(other.virtualFunction))"
    }
    return differ("vendor and device id", id, other.id) ?? differ("class", deviceClass, other.deviceClass)
      ?? differ("subsystem", subsystem, other.subsystem) ?? differ("serial number", serial, other.serial)
      ?? (serial != nil && serial == other.serial ? differ("port", port, other.port) : nil)
      ?? differ("permanent MAC address", mac, other.mac)
  }
}

extension PCIFunction {
  /// The identity of a function that is not a VF, or the one that it gives to its VF of that number.
  fileprivate func identity(asVF number: Int?) -> FunctionIdentity {
    FunctionIdentity(
      id: id, deviceClass: deviceClass, subsystem: subsystem, serial: serial, port: Int(address.function),
      mac: permanentMAC, virtualFunction: number)
  }

  /// Which function it is; nil for a VF whose PF is not there.
  ///
  /// - Parameter find: finds a function by its address.
  public func identity(_ find: (PCIAddress) -> PCIFunction?) -> FunctionIdentity? {
    guard let place = virtualFunction else { return identity(asVF: nil) }
    return find(place.physicalFunction)?.identity(asVF: place.index)
  }
}

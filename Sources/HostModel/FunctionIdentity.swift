import Documents

/// The identity of a function, which does not depend on its address. The identity of a VF is that of its PF
/// together with its index.
public struct FunctionIdentity: Sendable, Hashable {
  public var id: PCIID
  public var deviceClass: PCIClass
  public var subsystem: PCIID?
  /// The PCIe Device Serial Number of the card. The ports of a card share it and differ in `port`.
  public var serial: String?
  /// The function number of the PF on its card, 0 to 7.
  public var port: Int
  /// The permanent MAC address of the PF.
  public var mac: MACAddress?
  /// The index of the VF; nil for other functions. All other properties of a VF's identity are those of its
  /// PF.
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
    "FunctionIdentity", "The identity of a function, independent of its address; for a VF, that of its PF.",
    Field("id", \.id, PCIID.form, "The vendor and device id."),
    Field("class", \.deviceClass, PCIClass.form, "Class, subclass and programming interface."),
    Field("subsystem", \.subsystem, optional: PCIID.form, "The subsystem vendor and device id."),
    Field("serial", \.serial, optional: .deviceSerial, "The PCIe Device Serial Number of the card."),
    Field("port", \.port, .integer(0...7), "The number of the function on the card."),
    Field("mac", \.mac, optional: MACAddress.form, "The permanent MAC address."),
    Field("virtualFunction", \.virtualFunction, optional: .integer(0...65535), "The number of the VF."),
    make: { id, deviceClass, subsystem, serial, port, mac, virtualFunction in
      FunctionIdentity(
        id: id, deviceClass: deviceClass, subsystem: subsystem, serial: serial, port: port, mac: mac,
        virtualFunction: virtualFunction)
    })

  /// A description of the first property in which the identities differ; nil if they may be the
  /// same function. Only properties that both identities have are compared.
  public func difference(from other: FunctionIdentity) -> String? {
    func differ<Value: Equatable & CustomStringConvertible>(
      _ what: String, _ mine: Value?, _ others: Value?
    ) -> String? {
      guard let mine, let others, mine != others else { return nil }
      return "its \(what) is \(mine); it was \(others)"
    }
    if virtualFunction != other.virtualFunction {
      func words(_ number: Int?) -> String { number.map { "VF \($0) of its PF" } ?? "not a VF" }
      return "it is \(words(virtualFunction)); it was \(words(other.virtualFunction))"
    }
    return differ("vendor and device id", id, other.id) ?? differ("class", deviceClass, other.deviceClass)
      ?? differ("subsystem", subsystem, other.subsystem) ?? differ("serial number", serial, other.serial)
      ?? (serial != nil && serial == other.serial ? differ("port", port, other.port) : nil)
      ?? differ("permanent MAC address", mac, other.mac)
  }
}

extension PCIFunction {
  /// The identity of the function itself, or that of its VF of this index.
  fileprivate func identity(asVF number: Int?) -> FunctionIdentity {
    FunctionIdentity(
      id: id, deviceClass: deviceClass, subsystem: subsystem, serial: serial, port: Int(address.function),
      mac: permanentMAC, virtualFunction: number)
  }

  /// The identity of the function; nil for a VF whose PF is not found.
  ///
  /// - Parameter find: returns the function at an address.
  public func identity(_ find: (PCIAddress) -> PCIFunction?) -> FunctionIdentity? {
    guard let place = virtualFunction else { return identity(asVF: nil) }
    return find(place.physicalFunction)?.identity(asVF: place.index)
  }
}

import HostModel

extension HostIndex {
  /// The address of a VF for which none was declared: always the same for the same VF of the same card in the same
  /// host, other than the random one that drivers make at each boot.
  func stableMAC(of place: VirtualFunction, on hostName: String) -> MACAddress {
    let card = functions[place.physicalFunction]?.hardwareName ?? "\(place.physicalFunction)"
    return .stable(for: "\(hostName)/\(card)/\(place.index)")
  }
}

extension PCIFunction {
  /// The card wherever it is put, as far as it can be told.
  fileprivate var hardwareName: String? {
    permanentMAC.map { "\($0)" } ?? serial
  }
}

extension MACAddress {
  /// A locally administered address (IEEE 802, second bit of the first byte) made from a name.
  static func stable(for name: String) -> MACAddress {
    // FNV-1a of 64 bits (RFC 9923), folded to the 46 that are free.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let folded = hash ^ hash >> 48
    return MACAddress(folded & ~(0x01 << 40) | 0x02 << 40)
  }
}

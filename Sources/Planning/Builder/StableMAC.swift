import HostModel

extension HostIndex {
  /// Returns the MAC address of a VF for which none is declared. It is always the same for the same VF of the
  /// same card in the same host, unlike the random address that drivers choose at each boot.
  func stableMAC(of place: VirtualFunction, on hostName: String) -> MACAddress {
    let card = functions[place.physicalFunction]?.hardwareName ?? "\(place.physicalFunction)"
    return .stable(for: "\(hostName)/\(card)/\(place.index)")
  }
}

extension PCIFunction {
  /// An identifier of the card in any slot, as far as the hardware has one.
  fileprivate var hardwareName: String? {
    permanentMAC.map { "\($0)" } ?? serial
  }
}

extension MACAddress {
  /// Returns a locally administered address (IEEE 802, second bit of the first byte) that depends only on the
  /// name.
  static func stable(for name: String) -> MACAddress {
    // FNV-1a of 64 bits (RFC 9923), folded to the 46 bits that are free.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let folded = hash ^ hash >> 48
    return MACAddress(folded & ~(0x01 << 40) | 0x02 << 40)
  }
}

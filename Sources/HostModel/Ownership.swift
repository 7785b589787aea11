import Documents

/// The mark of pcipass on the devices that it assigned. The mark is part of the device's own alias or id, so
/// that it is lost only together with the device.
public enum Ownership {
  /// libvirt accepts aliases of users only with this prefix (https://libvirt.org/formatdomain.html#devices),
  /// and passes them to QEMU as device ids.
  private static let userPrefix = "ua-"
  private static let libvirtPrefix = userPrefix + "pcipass-"
  private static let qemuPrefix = "pcipass-"

  /// The alias of a guest's NIC in libvirt.
  public static func libvirtAlias(of nic: String) -> String { libvirtPrefix + nic }
  /// The alias if a user set it; nil for one that libvirt generated.
  public static func userAlias(_ alias: String?) -> String? {
    alias.flatMap { $0.hasPrefix(userPrefix) ? $0 : nil }
  }

  /// The device id of a guest's NIC in QEMU.
  public static func qemuID(of nic: String) -> String { qemuPrefix + nic }

  /// The name of the guest's NIC in a mark; nil if the alias has no mark of pcipass.
  public static func nic(ofAlias alias: String?) -> String? {
    guard let alias else { return nil }
    for prefix in [libvirtPrefix, qemuPrefix] where alias.hasPrefix(prefix) && alias != prefix {
      return String(alias.dropFirst(prefix.count))
    }
    return nil
  }
}

extension Form<String> {
  /// A text that both libvirt and QEMU accept as the id of a device.
  static let alias = Form.text(
    "a device id", pattern: "^[A-Za-z0-9_.#/-]{1,128}$", integers: 0...Int.max,
    parse: { isAlias($0) ? $0 : nil }, print: { $0 })
}

/// Whether the text consists of 1 to 128 of the characters that libvirt and QEMU accept in the id of a
/// device.
public func isAlias(_ text: String) -> Bool {
  (1...128).contains(text.utf8.count)
    && text.utf8.allSatisfy { isAlphanumeric($0) || "_.#/-".utf8.contains($0) }
}

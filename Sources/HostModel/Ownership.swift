import Documents

/// The mark of what pcipass put into a guest, written where the thing itself lives.
public enum Ownership {
  /// libvirt accepts user aliases only with this beginning, and hands them on to QEMU.
  private static let userPrefix = "ua-"
  private static let libvirtPrefix = userPrefix + "pcipass-"
  private static let qemuPrefix = "pcipass-"

  public static func libvirtAlias(of nic: String) -> String { libvirtPrefix + nic }
  /// The alias, where a user gave it.
  public static func userAlias(_ alias: String?) -> String? {
    alias.flatMap { $0.hasPrefix(userPrefix) ? $0 : nil }
  }

  public static func qemuID(of nic: String) -> String { qemuPrefix + nic }

  /// The guest's NIC that a mark names, or nil where the device has no mark.
  public static func nic(ofAlias alias: String?) -> String? {
    guard let alias else { return nil }
    for prefix in [libvirtPrefix, qemuPrefix] where alias.hasPrefix(prefix) && alias != prefix {
      return String(alias.dropFirst(prefix.count))
    }
    return nil
  }
}

extension Form<String> {
  /// What libvirt and QEMU both take for the id of a device.
  static let alias = Form.text(
    "a device id", pattern: "^[A-Za-z0-9_.#/-]{1,128}$", integers: 0...Int.max,
    parse: { isAlias($0) ? $0 : nil }, print: { $0 })
}

public func isAlias(_ text: String) -> Bool {
  (1...128).contains(text.utf8.count)
    && text.utf8.allSatisfy { isAlphanumeric($0) || "_.#/-".utf8.contains($0) }
}

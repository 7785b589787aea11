import Documents

/// The identity of a machine: its machine-id(5), hashed with an application id of pcipass.
/// machine-id(5) requires such a hash, because the machine id is confidential; snapshots are kept
/// in repositories. `systemd-id128 machine-id --app-specific=2bcff401-2fc7-43bb-871b-21e08d585b45`
/// prints the same.
public enum MachineID {
  /// The application id 2bcff401-2fc7-43bb-871b-21e08d585b45.
  private static let application: [UInt8] = [
    0x2B, 0xCF, 0xF4, 0x01, 0x2F, 0xC7, 0x43, 0xBB, 0x87, 0x1B, 0x21, 0xE0, 0x8D, 0x58, 0x5B, 0x45,
  ]

  /// The identity as 32 lower case hexadecimal digits.
  public static let form = Form<String>.text(
    "a machine identity", pattern: "^[0-9a-f]{32}$", parse: { isID($0) ? $0 : nil }, print: { $0 })

  /// The description of the identity in schemas.
  public static let summary =
    "The machine: its machine-id(5), hashed for pcipass. It stays the same when the hostname changes."

  /// The identity of a machine. Nil if the text is not a machine id, such as the `uninitialized` of
  /// an image.
  ///
  /// - Parameter text: the line of /etc/machine-id.
  public static func hashed(_ text: String) -> String? {
    guard isID(text), text.contains(where: { $0 != "0" }) else { return nil }
    let digits = text.utf8.map {
      $0 < UInt8(ascii: "a") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10
    }
    let id = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    // sd_id128_get_machine_app_specific(3) also sets the version and variant bits of a UUID of version 4.
    var result = Array(authentication(of: application, by: id).prefix(16))
    result[6] = result[6] & 0x0F | 0x40
    result[8] = result[8] & 0x3F | 0x80
    return result.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  private static func isID(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// HMAC-SHA256 (RFC 2104) with a key that is shorter than a block.
  private static func authentication(of message: [UInt8], by key: [UInt8]) -> [UInt8] {
    let key = key + [UInt8](repeating: 0, count: 64 - key.count)
    let inner = SHA256.digest(of: key.map { $0 ^ 0x36 } + message)
    return SHA256.digest(of: key.map { $0 ^ 0x5C } + inner)
  }
}

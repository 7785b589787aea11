import Documents

extension Form<String> {
  /// One component of a path, such as the name of a driver, a module or an interface. It cannot lead to
  /// another folder.
  public static func fileName(_ what: String) -> Form {
    .text(
      what, pattern: "^[^/\\x00-\\x1f\\x7f-\\x9f]{1,255}$", except: [".", ".."], integers: 0...Int.max,
      parse: { isFileName($0) ? $0 : nil }, print: { $0 })
  }

  /// Text from another program, such as an error message. pcipass shows it and never interprets it.
  public static let freeText = Form.text(
    "text of at most 65536 characters", lengths: 0...65536, integers: Int.min...Int.max,
    parse: { $0.unicodeScalars.count <= 65536 ? $0 : nil },
    // A longer text is cut, so that the decoder accepts what the encoder writes.
    print: { $0.utf8.count <= 65536 ? $0 : String(String.UnicodeScalarView($0.unicodeScalars.prefix(65536))) }
  )

  /// A name that the kernel accepts for a network interface (Linux, net/core/dev.c, dev_valid_name).
  public static let interfaceName = Form.text(
    "an interface name of 1 to 15 characters", pattern: "^[!-.0-9;-~]{1,15}$", except: [".", ".."],
    integers: 0...999_999_999_999_999, parse: { isInterfaceName($0) ? $0 : nil }, print: { $0 })

  /// An alternative name of a network interface (altname, Linux 5.5 and later).
  public static let alternativeName = Form.text(
    "an alternative interface name of 1 to 127 characters", pattern: "^[!-.0-~]{1,127}$",
    except: [".", ".."],
    integers: 0...Int.max, parse: { isAlternativeName($0) ? $0 : nil }, print: { $0 })

  /// The name that the firmware gives to a device: one line.
  public static let firmwareLabel = Form.text(
    "a firmware label, one line of 1 to 253 characters", pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]{1,253}$",
    integers: 0...Int.max, parse: { isFirmwareLabel($0) ? $0 : nil }, print: { $0 })

  /// The path of a device below /sys/devices, from its root complex: `pci0000:00/0000:00:07.0/0000:03:00.0`.
  public static let devicePath = Form.text(
    "a device path such as pci0000:00/0000:00:07.0/0000:03:00.0",
    pattern:
      "^pci[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}(/[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]){1,32}$",
    parse: { isDevicePath($0) ? $0 : nil }, print: { $0 },
    hint: { $0.hasPrefix("/sys/devices/") ? "leave /sys/devices/ out" : nil })

  /// A UUID in lower case, as libvirt writes it.
  public static let uuid = Form.text(
    "a UUID", pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    parse: { isUUID($0) ? $0 : nil }, print: { $0 })

  /// A UUID in a manifest, in upper or lower case. The value is in lower case.
  public static let pinnedUUID = Form.text(
    "a UUID such as 6ad9ee0a-8a3c-4a0c-9d64-0123456789ab",
    pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    parse: { isUUID($0.lowercased()) ? $0.lowercased() : nil }, print: { $0 },
    hint: { _ in "virsh domuuid NAME prints the UUID" })

  /// A SHA-256 digest in lower case hexadecimal digits.
  public static let digest = Form.text(
    "a SHA-256 of 64 hexadecimal digits", pattern: "^[0-9a-f]{64}$",
    parse: { isLowerHexadecimal($0, digits: 64) ? $0 : nil }, print: { $0 })

  /// A PCIe Device Serial Number as lspci prints it. The value is in lower case.
  public static let deviceSerial = Form.text(
    "a device serial number such as 90-e2-ba-ff-ff-00-d1-c2", pattern: "^[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){7}$",
    parse: { text in
      let parts = divided(text, at: "-")
      return parts.count == 8
        && parts.allSatisfy { $0.utf8.count == 2 && hexadecimal(Array($0.utf8)[...]) != nil }
        ? text.lowercased() : nil
    }, print: { $0 })
}

private func isLowerHexadecimal(_ text: String, digits: Int) -> Bool {
  text.utf8.count == digits
    && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}

/// Whether the text is one component of a path without control characters, of 1 to 255 scalars.
public func isFileName(_ text: some StringProtocol) -> Bool {
  // Scalars are counted, not bytes, because the pattern of the schema counts them.
  (1...255).contains(text.unicodeScalars.count) && text != "." && text != ".."
    && !text.hasControlCharacters && !text.utf8.contains(UInt8(ascii: "/"))
}

/// Whether the kernel accepts the text as the name of a network interface (Linux, net/core/dev.c,
/// dev_valid_name).
public func isInterfaceName(_ text: some StringProtocol) -> Bool {
  (1...15).contains(text.utf8.count) && text != "." && text != ".."
    && text.utf8.allSatisfy {
      (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
    }
}

/// Whether the text can be the alternative name of a network interface: visible characters of ASCII without `/`,
/// at most 127 (ALTIFNAMSIZ without the zero). The kernel accepts other bytes too; ip(8) and udev do not set such
/// names.
public func isAlternativeName(_ text: some StringProtocol) -> Bool {
  (1...127).contains(text.utf8.count) && text != "." && text != ".."
    && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }
}

/// Whether the text is one line of 1 to 253 characters without control characters.
public func isFirmwareLabel(_ text: some StringProtocol) -> Bool {
  // Scalars are counted, not bytes, because the pattern of the schema counts them.
  (1...253).contains(text.unicodeScalars.count) && !text.hasControlCharacters
}

private func isDevicePath(_ text: String) -> Bool {
  let parts = divided(text, at: "/")
  guard (2...33).contains(parts.count), parts[0].hasPrefix("pci") else { return false }
  let root = Array(parts[0].utf8.dropFirst(3))
  guard (7...11).contains(root.count), root[root.count - 3] == UInt8(ascii: ":"),
    hexadecimal(root[..<(root.count - 3)]) != nil, hexadecimal(root[(root.count - 2)...]) != nil
  else { return false }
  return parts.dropFirst().allSatisfy { PCIAddress($0) != nil }
}

/// The parts of a text between separators, including empty ones. The text is divided by bytes, because
/// dividing it into characters is slow.
///
/// - Parameter separator: an ASCII character.
public func divided(_ text: some StringProtocol, at separator: Unicode.Scalar) -> [Substring] {
  Substring(text).utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
    .map { Substring($0) }
}

/// Whether the text is a UUID in lower case.
public func isUUID(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  return parts.map(\.count) == [8, 4, 4, 4, 12]
    && parts.joined().allSatisfy { "0123456789abcdef".utf8.contains($0) }
}

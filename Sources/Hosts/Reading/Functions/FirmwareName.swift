import Files
import HostModel
import SystemPackage

/// What the firmware calls a device of the mainboard, by ACPI (_DSM) or SMBIOS (type 41): Linux,
/// Documentation/ABI/testing/sysfs-bus-pci and drivers/pci/pci-label.c.
struct FirmwareName {
  var index: Int?
  var label: String?

  /// Reads the name. A value that is not valid is ignored and added to `ignored`, because an error of the firmware
  /// does not keep the function from being assigned.
  static func read(in folder: borrowing Folder, _ scratch: Scratch, _ ignored: inout Problems) -> FirmwareName
  {
    var name = FirmwareName()
    // The kernel shows the label and the index of ACPI, or those of SMBIOS, or none of these files. Most functions
    // have none.
    guard folder.has("label") else { return name }
    name.label = value("label", in: folder, scratch, &ignored) { bytes in
      String(validating: bytes, as: UTF8.self).flatMap { isFirmwareLabel($0) ? $0 : nil }
    }
    for file in ["acpi_index", "index"] where name.index == nil {
      name.index = value(file, in: folder, scratch, &ignored) { bytes in
        bytes.decimal.flatMap { $0 <= Int(Int32.max) ? $0 : nil }
      }
    }
    return name
  }

  private static func value<Value>(
    _ file: String, in folder: borrowing Folder, _ scratch: Scratch, _ ignored: inout Problems,
    parse: (Bytes) -> Value?
  ) -> Value? {
    do {
      guard let bytes = try folder.readIfPresent(file, scratch)?.trimmed, !bytes.isEmpty else { return nil }
      if let value = parse(bytes) { return value }
      ignored.addInvalid(file, bytes)
    } catch {
      // The kernel fails so where the firmware announces a name and returns none.
      if error != .notPermitted { ignored.add(file, error) }
    }
    return nil
  }
}

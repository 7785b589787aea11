import Documents
import Files
import HostModel
import SystemPackage

extension IdentityStore {
  /// The name of the file in the state folder.
  public static let fileName = "identities.json"
  static let version = "pcipass/v1"
  private static let longest = 16 << 20

  /// The JSON format of the file.
  public static let form = Form<IdentityStore>.record(
    "Identities", "What pcipass remembers of NICs without an interface.",
    Field(
      "apiVersion", { _ in version }, .constant(version, "a supported version"),
      "The version of this format."),
    Field(
      "kind", { _ in "Identities" }, .constant("Identities", "the kind of this document"),
      "What this document is."),
    Field(
      "entries", \.entries, .list(of: RememberedFunction.form), "One entry for each function, by address."),
    make: { _, _, entries in IdentityStore(entries: entries) })

  /// Reads the store from a state folder; empty if the folder or the file does not exist.
  ///
  /// - Throws: `Diagnostics` if the file cannot be read or decoded.
  public static func load(from folder: String) throws(Diagnostics) -> IdentityStore {
    let text: [UInt8]
    do throws(FileError) {
      guard let folder = try StateFolder.existing(folder),
        let found = try folder.contents(fileName, upTo: longest)
      else { return IdentityStore() }
      text = found
    } catch {
      throw Diagnostics(code: "unreadable", error)
    }
    let source = Source(name: folder + "/" + fileName, text: text)
    do throws(Diagnostics) { return try decode(source) } catch {
      throw Diagnostics(
        error.all.map { found in
          var found = found
          found.help = found.help ?? "move the file away; pcipass then writes a new one"
          return found
        })
    }
  }

  private static func decode(_ source: Source) throws(Diagnostics) -> IdentityStore {
    let node = try JSONReader.document(of: source)
    let store = try form.value(of: node, from: source)
    let count = if case .sequence(let entries) = node["entries"]?.content { entries.count } else { 0 }
    guard store.entries.count == count else {
      throw Diagnostics(
        code: "duplicate", "a function is listed twice",
        at: SourceLocation(source: source, position: node["entries"]?.position ?? node.position))
    }
    return store
  }

  /// Replaces the file atomically: after a power cut either the old or the new file is there, complete.
  ///
  /// - Throws: `Diagnostics` with code `unwritable` if that fails.
  public func save(to folder: String) throws(Diagnostics) {
    let text = Self.form.encode(self).text + "\n"
    do throws(FileError) { try StateFolder(folder).replace(Self.fileName, with: Array(text.utf8)) } catch {
      throw Diagnostics(code: "unwritable", error)
    }
  }
}

extension IdentityStore.RememberedFunction {
  static let form = Form<IdentityStore.RememberedFunction>.record(
    "RememberedFunction", "What pcipass remembers of a function.",
    Field("address", \.address, PCIAddress.form, "The address where it was."),
    Field("id", \.id, PCIID.form, "The vendor and device id."),
    Field("serial", \.serial, optional: .deviceSerial, "PCIe Device Serial Number."),
    Field("mac", \.mac, optional: MACAddress.form, "The permanent MAC address."),
    Field("interface", \.interface, optional: .interfaceName, "The name of the interface."),
    Field("driver", \.driver, optional: .fileName("a driver name"), "The native driver."),
    make: IdentityStore.RememberedFunction.init)
}

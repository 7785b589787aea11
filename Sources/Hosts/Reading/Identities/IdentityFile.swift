import Documents
import HostModel

extension IdentityStore {
  static let version = "pcipass/v1"

  /// The file in the state folder.
  public static let file = StateFile("identities.json", form) { store, node, source throws(Diagnostics) in
    let count = if case .sequence(let entries) = node["entries"]?.content { entries.count } else { 0 }
    guard store.entries.count == count else {
      throw Diagnostics(
        code: "duplicate", "a function is listed twice",
        at: SourceLocation(source: source, position: node["entries"]?.position ?? node.position))
    }
  }

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
  public static func load(from folder: String) throws(Diagnostics) -> IdentityStore {
    try file.load(from: folder) ?? IdentityStore()
  }

  public func save(to folder: String) throws(Diagnostics) { try Self.file.save(self, to: folder) }
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
    Field(
      "altnames", \.altnames, .list(of: .alternativeName), default: [],
      "The alternative names of the interface."),
    make: IdentityStore.RememberedFunction.init)
}

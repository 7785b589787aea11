import Documents
import HostModel

/// The `apiVersion` of manifests.
public let manifestVersion = "pcipass/v1"

extension Metadata {
  /// - Parameter owner: the kind of the document, which names the record in the schema.
  static func form(_ owner: String) -> Form<Metadata> {
    .record(
      "\(owner)Metadata", "The name of the \(owner.lowercased()), and its labels.",
      Field("name", \.name, Form<String>.hostName.located, "The name."),
      Field(
        "labels", \.labels, .dictionary(keys: .labelKey, values: .labelValue), default: [:],
        "Key-value pairs for sorting; pcipass shows them and does not interpret them."),
      make: Metadata.init)
  }
}

extension Form<String> {
  static let labelKey = Form.text(
    "a label key", pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$",
    parse: { isName($0, "._/-", upTo: 253) ? $0 : nil }, print: { $0 })

  /// One line of text. Numbers and booleans are accepted and kept as they were written.
  static let labelValue = Form(
    schema: Schema([
      JSON.Member("type", .array(["string", "number", "boolean"].map(JSON.string))),
      JSON.Member("pattern", .string("^[^\\x00-\\x1f\\x7f-\\x9f]{0,253}$")),
    ]),
    decode: { node, decoding in
      guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
        decoding.recordWrongType("a label value", node)
        return nil
      }
      guard scalar.text.unicodeScalars.count <= 253, !scalar.text.hasControlCharacters else {
        decoding.recordError(
          "bad-value", "a label value must be one line of at most 253 characters", at: node)
        return nil
      }
      return scalar.text
    },
    encode: JSON.string)
}

extension HostManifest {
  /// The form of a Host document.
  public static let form = Form<HostManifest>.record(
    "Host", "A host and its NICs that may be assigned: the allow-list.",
    Field(
      "apiVersion", { _ in manifestVersion }, .constant(manifestVersion, "a supported version"),
      "The version of the manifest format."),
    Field("kind", { _ in "Host" }, .constant("Host", "the kind of this document"), "What this document is."),
    Field(
      "metadata", \.metadata, Metadata.form("Host"),
      "The name of the host: the hostname of the machine, or the value of --host."),
    Field("spec", \.spec, Spec.form, "Which NICs may be assigned."),
    make: { _, _, metadata, spec in HostManifest(metadata: metadata, spec: spec) })
}

extension HostManifest.Spec {
  static let form = Form<HostManifest.Spec>.record(
    "HostSpec", "Which NICs of the host may be assigned.",
    Field(
      "driver", \.driver, optional: PassthroughDriver.form.located,
      "The passthrough driver of all NICs. `auto` selects the variant driver that the kernel recommends. If not given, a NIC stays on any VFIO driver, and other NICs are bound to vfio-pci."
    ),
    Field(
      "nics", \.nics, .list(of: HostNIC.form, upTo: 4096),
      "The NICs that may be assigned; pcipass never changes another NIC."),
    make: HostManifest.Spec.init)
}

extension HostNIC {
  static let form = Form<HostNIC>.record(
    "HostNIC", "A NIC that may be assigned.",
    Field("name", \.name, Form<String>.nicName.located, "The name by which guests claim it."),
    Field("select", \.select, Selector.form.located, "Selects the PCI function."),
    Field(
      "expect", \.expect, optional: Expectation.form.located,
      "What the hardware must be; a plan is refused if the hardware differs."),
    Field(
      "driver", \.driver, optional: PassthroughDriver.form.located,
      "The passthrough driver of this NIC; if not given, `spec.driver`."),
    Field(
      "reserve", \.reserve, .boolean, default: false,
      "Keep the NIC on the passthrough driver even while no guest claims it."),
    Field(
      "virtualFunctions", \.virtualFunctions, optional: VirtualFunctions.form.located,
      "Split the NIC into VFs, which guests claim as NAME/0, NAME/1 and so on. If not given, its VFs are left unchanged."
    ),
    Field(
      "allow", \.allow, .list(of: Allowance.form, upTo: 8), default: [],
      "Checks whose failure is allowed for this NIC. `foreign-owner` is the former name of `ownership`."),
    Field(
      "because", \.because, optional: .prose(upTo: 1000),
      "Why these failures are allowed; each plan that needs `allow` shows the reason. Required with `allow`."),
    rules: [.requires("allow", "because")], make: HostNIC.init)
}

extension Allowance {
  static let form = Form<Allowance>.choice(
    "a check whose failure can be allowed", former: ["foreign-owner": .ownership])
}

extension Selector {
  static let form = Form<Selector>.record(
    "Selector", "Selects a PCI function. Exactly one function must match all given keys.",
    Field("address", \.address, optional: PCIAddress.form, "The PCI address, as `lspci -D` prints it."),
    Field("mac", \.mac, optional: MACAddress.unicastForm, "The permanent MAC address."),
    Field("interface", \.interface, optional: .interfaceName, "The name of the network interface."),
    Field("path", \.path, optional: .devicePath, "The path under /sys/devices."),
    Field("serial", \.serial, optional: .deviceSerial, "Its PCIe Device Serial Number."),
    rules: [.some(["address", "mac", "interface", "path", "serial"])], make: Selector.init)
}

extension Expectation {
  static let form = Form<Expectation>.record(
    "Expectation", "What the hardware must be; a plan is refused if the hardware differs.",
    Field("id", \.id, optional: PCIID.form, "Vendor and device id, as `lspci -n` prints them."),
    Field("vendor", \.vendor, optional: PCIIDHalf.form, "Vendor id, hexadecimal with or without 0x."),
    Field("device", \.device, optional: PCIIDHalf.form, "Device id, hexadecimal with or without 0x."),
    Field("driver", \.driver, optional: .fileName("a driver name"), "The native driver."),
    rules: [.some(["id", "vendor", "device", "driver"])], make: Expectation.init)
}

extension VirtualFunctions {
  static let form = Form<VirtualFunctions>.record(
    "VirtualFunctions", "How many VFs the NIC has.",
    Field("count", \.count, .integer(0...256), "The number of VFs; 0 deletes them all."),
    make: VirtualFunctions.init)
}

import Documents
import HostModel

/// The `apiVersion` of manifests.
public let manifestVersion = "pcipass/v1"

extension Metadata {
  /// - Parameter owner: the kind of the document, which names the record in the schema.
  static func form(_ owner: String) -> Form<Metadata> {
    .record(
      "\(owner)Metadata", "The name of the \(owner.lowercased()), and labels.",
      Field("name", \.name, Form<String>.hostName.located, "Its name."),
      Field(
        "labels", \.labels, .dictionary(keys: .labelKey, values: .labelValue), default: [:],
        "Words to sort by; pcipass shows them and draws no conclusion."),
      make: Metadata.init)
  }
}

extension Form<String> {
  static let labelKey = Form.text(
    "a label's key", pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$",
    parse: { isName($0, "._/-", upTo: 253) ? $0 : nil }, print: { $0 })

  /// One line of text. Numbers and booleans are accepted and kept as they were written.
  static let labelValue = Form(
    schema: Schema([
      JSON.Member("type", .array(["string", "number", "boolean"].map(JSON.string))),
      JSON.Member("pattern", .string("^[^\\u0000-\\u001f\\u007f-\\u009f]{0,253}$")),
    ]),
    decode: { node, decoding in
      guard case .scalar(let scalar) = node.content, scalar.kind != .null else {
        decoding.recordWrongType("a label's value", node)
        return nil
      }
      guard scalar.text.unicodeScalars.count <= 253, !scalar.text.hasControlCharacters else {
        decoding.recordError("bad-value", "a label's value is one line of at most 253 characters", at: node)
        return nil
      }
      return scalar.text
    },
    encode: JSON.string)
}

extension HostManifest {
  /// The form of a Host document.
  public static let form = Form<HostManifest>.record(
    "Host", "A host and the NICs of it that may be handed out: the allow-list.",
    Field(
      "apiVersion", { _ in manifestVersion }, .constant(manifestVersion, "a version that this pcipass reads"),
      "The version of the language."),
    Field("kind", { _ in "Host" }, .constant("Host", "the kind of this document"), "What this document is."),
    Field("metadata", \.metadata, Metadata.form("Host"), "Its name: that of the machine, or of --host."),
    Field("spec", \.spec, Spec.form, "What may be handed out."),
    make: { _, _, metadata, spec in HostManifest(metadata: metadata, spec: spec) })
}

extension HostManifest.Spec {
  static let form = Form<HostManifest.Spec>.record(
    "HostSpec", "What may be handed out.",
    Field(
      "driver", \.driver, optional: PassthroughDriver.form.located,
      "The passthrough driver of its NICs, exactly; `auto` is the variant that the kernel recommends. If not given, any VFIO driver that a NIC is on is good, and others are bound to vfio-pci."
    ),
    Field("nics", \.nics, .list(of: HostNIC.form, upTo: 4096), "Its NICs; no other is ever touched."),
    make: HostManifest.Spec.init)
}

extension HostNIC {
  static let form = Form<HostNIC>.record(
    "HostNIC", "A NIC that may be handed out.",
    Field("name", \.name, Form<String>.nicName.located, "Its name, for guests to claim it by."),
    Field("select", \.select, Selector.form.located, "Which function it is."),
    Field("expect", \.expect, optional: Expectation.form.located, "What the hardware must be."),
    Field(
      "driver", \.driver, optional: PassthroughDriver.form.located,
      "The passthrough driver of this NIC, where it is not that of spec."),
    Field(
      "reserve", \.reserve, .boolean, default: false,
      "Keep it on the passthrough driver even while no guest claims it."),
    Field(
      "virtualFunctions", \.virtualFunctions, optional: VirtualFunctions.form.located,
      "Hand it out in parts, NAME/0, NAME/1 and so on; if not given, its VFs are left as they are."),
    Field(
      "allow", \.allow, .list(of: .choice("a guard that may be passed"), upTo: 8), default: [],
      "Guards that this NIC may pass."),
    Field(
      "because", \.because, optional: .prose(upTo: 1000),
      "Why it may pass them: each plan that makes use of it says so. Needed beside allow."),
    rules: [.requires("allow", "because")], make: HostNIC.init)
}

extension Selector {
  static let form = Form<Selector>.record(
    "Selector", "Which function a NIC is. All that is given must hold, for exactly one function.",
    Field("address", \.address, optional: PCIAddress.form, "Its PCI address, as `lspci -D` prints it."),
    Field("mac", \.mac, optional: MACAddress.unicastForm, "Its permanent MAC address."),
    Field("interface", \.interface, optional: .interfaceName, "The name of its network interface."),
    Field("path", \.path, optional: .devicePath, "Its place below /sys/devices."),
    Field("serial", \.serial, optional: .deviceSerial, "Its PCIe Device Serial Number."),
    rules: [.some(["address", "mac", "interface", "path", "serial"])], make: Selector.init)
}

extension Expectation {
  static let form = Form<Expectation>.record(
    "Expectation", "What the hardware must be; other hardware there stops the plan.",
    Field("id", \.id, optional: PCIID.form, "Vendor and device id, as `lspci -n` prints them."),
    Field("vendor", \.vendor, optional: PCIIDHalf.form, "Vendor id, hexadecimal with or without 0x."),
    Field("device", \.device, optional: PCIIDHalf.form, "Device id, hexadecimal with or without 0x."),
    Field("driver", \.driver, optional: .fileName("a driver's name"), "The driver of its own."),
    rules: [.some(["id", "vendor", "device", "driver"])], make: Expectation.init)
}

extension VirtualFunctions {
  static let form = Form<VirtualFunctions>.record(
    "VirtualFunctions", "How many virtual functions there are.",
    Field("count", \.count, .integer(0...256), "Their number; 0 takes them away."),
    make: VirtualFunctions.init)
}

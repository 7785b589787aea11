import Documents
import HostModel

extension GuestManifest {
  /// The form of a Guest document.
  public static let form = Form<GuestManifest>.record(
    "Guest", "A guest and the NICs it gets: the whole truth about those that pcipass gave it.",
    Field(
      "apiVersion", { _ in manifestVersion }, .constant(manifestVersion, "a version that this pcipass reads"),
      "The version of the language."),
    Field(
      "kind", { _ in "Guest" }, .constant("Guest", "the kind of this document"), "What this document is."),
    Field("metadata", \.metadata, Metadata.form("Guest"), "Its name, known together with its host."),
    Field("spec", \.spec, Spec.form, "Where it runs and what it gets."),
    make: { _, _, metadata, spec in GuestManifest(metadata: metadata, spec: spec) })
}

extension GuestManifest.Spec {
  static let form = Form<GuestManifest.Spec>.record(
    "GuestSpec", "Where a guest runs and what it gets.",
    Field("host", \.host, Form<String>.hostName.located, "The host it runs on."),
    Field("libvirt", \.libvirt, optional: LibvirtGuest.form, "It is a domain of libvirt: the default."),
    Field("qemu", \.qemu, optional: QEMUGuest.form, "It is a QEMU of its own."),
    Field("nics", \.nics, .list(of: Claim.form, upTo: 256), "Its NICs."),
    rules: [.notBoth("libvirt", "qemu")], make: GuestManifest.Spec.init)
}

extension LibvirtGuest {
  static let form = Form<LibvirtGuest>.record(
    "LibvirtGuest", "A domain of libvirt.",
    Field("domain", \.domain, optional: .domainName, "Its name there, where it is not the guest's."),
    Field(
      "uuid", \.uuid, optional: Form<String>.pinnedUUID.located,
      "Its UUID, as virsh domuuid prints it: only that domain is the guest. Without domain it may have any name."
    ),
    Field(
      "uri", \.uri, optional: .connectionURI,
      "libvirt's connection URI, where it is not the default; the same for all libvirt guests of a host."),
    make: LibvirtGuest.init)
}

extension QEMUGuest {
  static let form = Form<QEMUGuest>.record(
    "QEMUGuest", "A QEMU that libvirt knows nothing of.",
    Field("qmp", \.qmp, .absolutePath, "The path of its QMP socket."),
    Field(
      "user", \.user, optional: .userName, "Whose process it is, by name or number, where that is not root."),
    make: QEMUGuest.init)
}

extension Form<String> {
  /// The name of a libvirt domain.
  public static let domainName = Form.text(
    "a domain's name", pattern: "^[^/\\u0000-\\u001f\\u007f-\\u009f]{1,255}$", integers: 0...Int.max,
    parse: { isDomainName($0) ? $0 : nil }, print: { $0 })

  /// A user name that useradd(8) of Debian accepts, or a user id.
  static let userName = Form.text(
    "a user's name or number", pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$", integers: 0...Int.max,
    parse: { isUserName($0) ? $0 : nil }, print: { $0 })

  /// A connection URI of libvirt (https://libvirt.org/uri.html).
  static let connectionURI = Form.text(
    "a libvirt URI such as qemu:///system", pattern: "^[a-z][a-z0-9+.-]*:[!-~]{1,1000}$",
    parse: { isConnectionURI($0) ? $0 : nil }, print: { $0 })

  /// The path of a socket. It is absolute, so that it does not depend on the working directory, and at most
  /// as long as the kernel allows for a socket (`sun_path`, unix(7)).
  public static let absolutePath = Form.text(
    "an absolute path of at most 107 characters", pattern: "^/[ -~]{1,106}$",
    parse: { isSocketPath($0) ? $0 : nil }, print: { $0 })
}

/// Whether a manifest can contain the text as the name of a libvirt domain.
public func isDomainName(_ text: String) -> Bool {
  (1...255).contains(text.unicodeScalars.count) && !text.hasControlCharacters
    && !text.utf8.contains(UInt8(ascii: "/"))
}

/// Whether the text is a user name that useradd(8) of Debian accepts, or a user id.
public func isUserName(_ text: String) -> Bool {
  // The first character may also be an underscore, which `isName` refuses.
  isName(text.hasPrefix("_") ? "u" + text.dropFirst() : text, "._-", upTo: 32)
}

/// Whether the text is an absolute path that fits into `sun_path` (unix(7)): printable ASCII, at most 107
/// bytes.
public func isSocketPath(_ text: String) -> Bool {
  text.hasPrefix("/") && (2...107).contains(text.utf8.count)
    && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}

/// Whether the text has the shape of a connection URI of libvirt: a lower case scheme, a colon, and 1 to 1000
/// printable ASCII characters.
public func isConnectionURI(_ text: String) -> Bool {
  guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
  let scheme = text.utf8[..<colon]
  let rest = text.utf8[text.utf8.index(after: colon)...]
  let isScheme =
    scheme.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
    && scheme.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 &- UInt8(ascii: "0") < 10
        || [UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "-")].contains($0)
    }
  return isScheme && (1...1000).contains(rest.count) && rest.allSatisfy { (0x21...0x7E).contains($0) }
}

extension Claim {
  static let form = Form<Claim>.record(
    "GuestNIC", "A NIC of the guest.",
    Field("name", \.name, Form<String>.nicName.located, "Its name; the mark on the device is made from it."),
    Field("from", \.from, NICReference.form.located, "The host's NIC: NAME, or NAME/N for a VF."),
    Field(
      "as", \.device, .choice("a way to hand out"), default: .hostdev,
      "libvirt only: a plain hostdev, or for a VF an interface of type hostdev."),
    Field(
      "bind", \.bind, .choice("a time to bind"), default: .now,
      "When the host lets go of it: from apply on, or when libvirt starts the guest."),
    Field(
      "managed", \.managed, .boolean, default: true,
      "libvirt only: whether libvirt, too, may rebind the NIC when the guest starts and stops."),
    Field(
      "hotplug", \.hotplug, .boolean, default: true,
      "Whether a running guest is changed; if not, its next start is."),
    table: VFSettings.claimFields.map { $0.at(\.settings) },
    make: { name, from, device, bind, managed, hotplug in
      Claim(name: name, from: from, device: device, bind: bind, managed: managed, hotplug: hotplug)
    })
}

extension Form<String> {
  /// A reference to a host NIC as text, for documents that show it without using its parts.
  public static let nicReference = NICReference.form.map(\.description) { text in
    // The text was decoded by the same form before, or is the name of a NIC.
    NICReference(text) ?? NICReference(nic: text)
  }
}

extension NICReference {
  static let form = Form<NICReference>.text(
    "a host's NIC such as lan, or pool/0 for its VF 0",
    pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}(/([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$",
    integers: 0...Int.max, parse: { NICReference($0) }, print: \.description)
}

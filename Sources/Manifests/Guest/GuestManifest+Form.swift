import Documents
import HostModel

extension GuestManifest {
  /// The form of a Guest document.
  public static let form = Form<GuestManifest>.record(
    "Guest", "A guest and all NICs that pcipass assigns to it.",
    .manifestVersion, .manifestKind("Guest"),
    Field("metadata", \.metadata, Metadata.form("Guest"), "The name of the guest, unique on its host."),
    Field("spec", \.spec, Spec.form, "Where the guest runs and which NICs it claims."),
    make: { _, _, metadata, spec in GuestManifest(metadata: metadata, spec: spec) })
}

extension GuestManifest.Spec {
  static let form = Form<GuestManifest.Spec>.record(
    "GuestSpec", "Where a guest runs and which NICs it claims.",
    Field(
      "host", \.onlyHost, optional: Form<String>.hostName.located, "The host that the guest runs on."),
    Field(
      "hosts", \.severalHosts, optional: Form<GuestHosts>.several.located,
      "The hosts that the guest may run on: their names, or {class: NAME}. On each of them the claims are kept free."
    ),
    Field(
      "mobile", \.isMobile, .boolean, default: false,
      "With `hosts`: the guest moves between its hosts and keeps its MAC addresses."),
    Field(
      "libvirt", \.libvirt, optional: LibvirtGuest.form, "The guest is a libvirt domain; this is the default."
    ),
    Field("qemu", \.qemu, optional: QEMUGuest.form, "The guest is a QEMU process without libvirt."),
    Field("nics", \.nics, .list(of: Claim.form, upTo: 256), "The NICs that the guest claims."),
    rules: [
      .some(["host", "hosts"]), .notBoth("host", "hosts"), .requires("mobile", "hosts"),
      .notBoth("libvirt", "qemu"),
    ],
    make: { host, several, isMobile, libvirt, qemu, nics in
      // The rules require one of the two keys.
      let hosts = several ?? Located(.one(host?.value ?? ""), at: host?.location)
      return GuestManifest.Spec(hosts: hosts, isMobile: isMobile, libvirt: libvirt, qemu: qemu, nics: nics)
    })

  private var onlyHost: Located<String>? {
    hosts.value.single.map { Located($0, at: hosts.location) }
  }

  private var severalHosts: Located<GuestHosts>? { hosts.value.single == nil ? hosts : nil }
}

extension LibvirtGuest {
  static let form = Form<LibvirtGuest>.record(
    "LibvirtGuest", "A libvirt domain.",
    Field(
      "domain", \.domain, optional: .domainName, "The name of the domain; if not given, that of the guest."),
    Field(
      "uuid", \.uuid, optional: Form<String>.pinnedUUID.located,
      "The UUID of the domain, as `virsh domuuid` prints it. Only the domain with this UUID is the guest; without `domain`, the domain may have any name."
    ),
    Field(
      "uri", \.uri, optional: .connectionURI,
      "The libvirt connection URI, if it is not the default; the same for all libvirt guests of a host."),
    make: LibvirtGuest.init)
}

extension QEMUGuest {
  static let form = Form<QEMUGuest>.record(
    "QEMUGuest", "A QEMU process without libvirt.",
    Field("qmp", \.qmp, .absolutePath, "The path of the QMP socket."),
    Field(
      "user", \.user, optional: .userName,
      "The user that runs the process, by name or number; if not given, root."),
    make: QEMUGuest.init)
}

extension Form<String> {
  /// The name of a libvirt domain.
  public static let domainName = Form.text(
    "a domain name", pattern: "^[^/\\x00-\\x1f\\x7f-\\x9f]{1,255}$", integers: 0...Int.max,
    parse: { isDomainName($0) ? $0 : nil }, print: { $0 })

  /// A user name that useradd(8) of Debian accepts, or a user id.
  static let userName = Form.text(
    "a user name or number", pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$", integers: 0...Int.max,
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
  // The first character may also be an underscore, which `isName` does not accept.
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

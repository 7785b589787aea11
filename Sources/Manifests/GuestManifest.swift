import Documents
import HostModel

/// A Guest document: a guest and its claims of NICs. The claims are complete: pcipass removes a NIC that it
/// assigned to the guest before and that has no claim here.
public struct GuestManifest: Sendable, Equatable {
  public var metadata: Metadata
  public var spec: Spec

  public init(metadata: Metadata, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  /// Where the guest runs, and its claims. At most one of `libvirt` and `qemu` is given; without both,
  /// libvirt runs the guest.
  public struct Spec: Sendable, Equatable {
    public var host: Located<String>
    public var libvirt: LibvirtGuest?
    public var qemu: QEMUGuest?
    public var nics: [Claim]

    public init(
      host: Located<String>, libvirt: LibvirtGuest? = nil, qemu: QEMUGuest? = nil, nics: [Claim]
    ) {
      self.host = host
      self.libvirt = libvirt
      self.qemu = qemu
      self.nics = nics
    }
  }

  public var name: String { metadata.name.value }
  public var host: String { spec.host.value }
}

extension GuestManifest {
  /// The UUID that the manifest pins the domain to; nil without one.
  public var pin: String? { spec.libvirt?.uuid?.value }

  /// Whether the manifest determines the name of the domain. A pin without `domain` does not.
  public var isNamed: Bool { pin == nil || spec.libvirt?.domain != nil }
}

/// A guest that is a libvirt domain.
public struct LibvirtGuest: Sendable, Equatable {
  /// The name of the domain, if it differs from that of the guest.
  public var domain: String?
  /// The pin: only the domain with this UUID is the guest, whatever its name is.
  public var uuid: Located<String>?
  /// The connection URI of libvirt, where it is not the default.
  public var uri: String?

  public init(domain: String? = nil, uuid: Located<String>? = nil, uri: String? = nil) {
    self.domain = domain
    self.uuid = uuid
    self.uri = uri
  }
}

/// A guest that is a QEMU process without libvirt.
public struct QEMUGuest: Sendable, Equatable {
  /// The path of the QMP socket.
  public var qmp: String
  /// The name or number of the user that runs the process; nil means root.
  public var user: String?

  public init(qmp: String, user: String? = nil) {
    self.qmp = qmp
    self.user = user
  }
}

/// A claim of a guest: a NIC in the guest, and the host NIC that is assigned as it.
public struct Claim: Sendable, Equatable {
  /// The name of the NIC in the guest. The ownership mark of the device contains this name
  /// (`Ownership`).
  public var name: Located<String>
  /// The host NIC, or a VF of it.
  public var from: Located<NICReference>
  /// The key `as`, for libvirt only.
  public var device: Hostdev.ElementKind
  public var bind: BindTime
  /// For libvirt only: whether libvirt may also rebind the function when the guest starts and
  /// stops.
  public var managed: Bool
  /// Whether the running guest is changed. If not, the change takes effect at its next start.
  public var hotplug: Bool
  /// The settings of the VF; empty for a whole function.
  public var settings: VFSettings

  public init(
    name: Located<String>, from: Located<NICReference>, device: Hostdev.ElementKind = .hostdev,
    bind: BindTime = .now,
    managed: Bool = true, hotplug: Bool = true, settings: VFSettings = VFSettings()
  ) {
    self.name = name
    self.from = from
    self.device = device
    self.bind = bind
    self.managed = managed
    self.hotplug = hotplug
    self.settings = settings
  }

  /// When the function is bound to its passthrough driver: at apply, or when libvirt starts the guest.
  public enum BindTime: String, CaseIterable, Sendable {
    case now
    case onStart = "on-start"
  }
}

/// A reference to a host NIC: `lan`, or `pool/3` for VF 3 of `pool`.
public struct NICReference: Sendable, Hashable, CustomStringConvertible {
  /// The name of the NIC in the Host document.
  public var nic: String
  /// The index of the VF; nil for the whole function.
  public var virtualFunction: Int?

  public init(nic: String, virtualFunction: Int? = nil) {
    self.nic = nic
    self.virtualFunction = virtualFunction
  }

  /// Parses `NAME` or `NAME/INDEX` with an index from 0 to 255; nil for any other text.
  public init?(_ text: String) {
    let parts = divided(text, at: "/")
    guard (1...2).contains(parts.count), isName(parts[0], "_-", upTo: 32) else { return nil }
    nic = String(parts[0])
    if parts.count == 2 {
      // Signs and leading zeros are refused, so that equal references have equal texts.
      guard let index = Int(parts[1]), (0...255).contains(index), String(index) == parts[1] else {
        return nil
      }
      virtualFunction = index
    }
  }

  public var description: String { virtualFunction.map { "\(nic)/\($0)" } ?? nic }
}

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
    public var hosts: Located<GuestHosts>
    /// Whether the guest moves between its hosts and takes its MAC addresses with it.
    public var isMobile: Bool
    public var libvirt: LibvirtGuest?
    public var qemu: QEMUGuest?
    public var nics: [Claim]

    public init(
      hosts: Located<GuestHosts>, isMobile: Bool = false, libvirt: LibvirtGuest? = nil,
      qemu: QEMUGuest? = nil, nics: [Claim]
    ) {
      self.hosts = hosts
      self.isMobile = isMobile
      self.libvirt = libvirt
      self.qemu = qemu
      self.nics = nics
    }
  }

  public var name: String { metadata.name.value }
  public var hosts: GuestHosts { spec.hosts.value }
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

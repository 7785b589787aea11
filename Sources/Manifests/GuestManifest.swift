import Documents
import HostModel

/// A guest and the NICs it gets.
public struct GuestManifest: Sendable, Equatable {
  public var metadata: Metadata
  public var spec: Spec

  public init(metadata: Metadata, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

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
  /// The UUID that the manifest pins the domain to.
  public var pin: String? { spec.libvirt?.uuid?.value }

  /// Whether the manifest says by what name its manager knows the guest. A pin without a name leaves that open.
  public var isNamed: Bool { pin == nil || spec.libvirt?.domain != nil }
}

public struct LibvirtGuest: Sendable, Equatable {
  public var domain: String?
  /// Pins the domain: no other domain is the guest, whatever it is called.
  public var uuid: Located<String>?
  public var uri: String?

  public init(domain: String? = nil, uuid: Located<String>? = nil, uri: String? = nil) {
    self.domain = domain
    self.uuid = uuid
    self.uri = uri
  }
}

public struct QEMUGuest: Sendable, Equatable {
  public var qmp: String
  /// Whose process it is, where that is not root.
  public var user: String?

  public init(qmp: String, user: String? = nil) {
    self.qmp = qmp
    self.user = user
  }
}

/// One NIC of a guest, taken from one of its host's.
public struct Claim: Sendable, Equatable {
  public var name: Located<String>
  public var from: Located<NICReference>
  public var device: Hostdev.Device
  public var bind: Bind
  public var managed: Bool
  public var hotplug: Bool
  public var settings: VFSettings

  public init(
    name: Located<String>, from: Located<NICReference>, device: Hostdev.Device = .hostdev, bind: Bind = .now,
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

  /// When the host lets go of it: from apply on, or when libvirt starts the guest.
  public enum Bind: String, CaseIterable, Sendable {
    case now
    case onStart = "on-start"
  }
}

/// `lan`, or `pool/3` for the virtual function 3 of `pool`.
public struct NICReference: Sendable, Hashable, CustomStringConvertible {
  public var nic: String
  public var virtualFunction: Int?

  public init(nic: String, virtualFunction: Int? = nil) {
    self.nic = nic
    self.virtualFunction = virtualFunction
  }

  public init?(_ text: String) {
    let parts = divided(text, at: "/")
    guard (1...2).contains(parts.count), isName(parts[0], "_-", upTo: 32) else { return nil }
    nic = String(parts[0])
    if parts.count == 2 {
      // No sign, no leading zero: one way to write each.
      guard let index = Int(parts[1]), (0...255).contains(index), String(index) == parts[1] else {
        return nil
      }
      virtualFunction = index
    }
  }

  public var description: String { virtualFunction.map { "\(nic)/\($0)" } ?? nic }
}

import HostModel

/// A guest as its manager knows it: which manager that is, and the name that the guest has there.
public struct GuestManager: Sendable, Hashable {
  /// A program that runs guests. Where managers are listed, they are in this order.
  public enum Kind: Sendable, CaseIterable, Comparable { case libvirt, qemu }

  public let kind: Kind
  /// libvirt's name of the domain, or the path of QEMU's QMP socket.
  public let name: String

  public init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }

  public static func libvirt(domain: String) -> GuestManager { GuestManager(.libvirt, domain) }
  public static func qemu(socket: String) -> GuestManager { GuestManager(.qemu, socket) }
}

extension GuestManager: CustomStringConvertible {
  public var description: String {
    switch kind {
    case .libvirt: "the libvirt domain \(name)"
    case .qemu: "the QEMU at \(name)"
    }
  }
}

extension GuestManager {
  /// Whether the name is one that a manifest can give.
  public var canBeNamed: Bool {
    switch kind {
    case .libvirt: isDomainName(name)
    case .qemu: isSocketPath(name)
    }
  }

  /// What the guest is called apart from its manager: the domain's name, or that of the socket's file.
  public var shortName: String {
    switch kind {
    case .libvirt: return name
    case .qemu:
      let file = name.split(separator: "/").last ?? ""
      return String(file.split(separator: ".").first ?? file)
    }
  }
}

extension GuestManifest {
  /// Which guest the manifest names: a domain of the manifest's own name, unless it says otherwise. A pinned domain may
  /// have another name than the guest; only the host shows which.
  public var manager: GuestManager {
    if let qemu = spec.qemu { return .qemu(socket: qemu.qmp) }
    return .libvirt(domain: spec.libvirt?.domain ?? name)
  }
}

extension GuestManifest.Spec {
  /// Names the guest that a manifest is about.
  ///
  /// - Parameters:
  ///   - name: the manifest's own name, which names a domain already.
  ///   - user: whose process a QEMU is; nil where that is root.
  public mutating func setManager(_ manager: GuestManager, ofGuest name: String, user: String?) {
    switch manager.kind {
    case .libvirt: libvirt = manager.name == name ? nil : LibvirtGuest(domain: manager.name)
    case .qemu: qemu = QEMUGuest(qmp: manager.name, user: user)
    }
  }
}

import HostModel

/// A guest on a host: its manager, and its name in that manager.
public struct GuestManager: Sendable, Hashable {
  /// A program that runs guests. Lists of managers are in this order.
  public enum Kind: Sendable, CaseIterable, Comparable { case libvirt, qemu }

  public let kind: Kind
  /// The name of the libvirt domain, or the path of the QMP socket of QEMU.
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
  /// Whether a manifest can contain the name.
  public var canBeNamed: Bool {
    switch kind {
    case .libvirt: isDomainName(name)
    case .qemu: isSocketPath(name)
    }
  }

  /// The name of the guest without its manager: the domain name, or the file name of the socket.
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
  /// The guest that the manifest names; by default, the libvirt domain with the name of the
  /// manifest. A pinned domain may have another name, which only the host shows.
  public var manager: GuestManager {
    if let qemu = spec.qemu { return .qemu(socket: qemu.qmp) }
    return .libvirt(domain: spec.libvirt?.domain ?? name)
  }
}

extension GuestManifest.Spec {
  /// Sets the guest that the manifest describes.
  ///
  /// - Parameters:
  ///   - name: the name of the manifest, which is also the default name of the domain.
  ///   - user: the user that runs the QEMU process; nil if root runs it.
  public mutating func setManager(_ manager: GuestManager, ofGuest name: String, user: String?) {
    switch manager.kind {
    case .libvirt: libvirt = manager.name == name ? nil : LibvirtGuest(domain: manager.name)
    case .qemu: qemu = QEMUGuest(qmp: manager.name, user: user)
    }
  }
}

import Documents
import HostModel
import Manifests

/// A guest as documents name it: by its name in the manifests and by its name on the host.
public struct GuestReference: Sendable, Hashable {
  /// The name in the manifests; nil where no manifest describes the guest.
  public var name: String?
  /// Nil only if a document of an earlier version does not contain it.
  public var manager: GuestManager?

  public init(name: String?, manager: GuestManager?) {
    self.name = name
    self.manager = manager
  }
}

extension GuestReference {
  public static let form = Form<GuestReference>.record(
    "GuestReference", "A guest.",
    Field(
      "name", \.name, optional: .freeText, "Its name in the manifests; absent where no manifest describes it."
    ),
    Field("libvirt", { $0.name(at: .libvirt) }, optional: .freeText, "The name of the libvirt domain."),
    Field(
      "qemu", { $0.name(at: .qemu) }, optional: .freeText, "The path of the QMP socket of the QEMU process."),
    rules: [.some(["name", "libvirt", "qemu"]), .notBoth("libvirt", "qemu")],
    make: { name, domain, socket in
      GuestReference(
        name: name, manager: domain.map { .libvirt(domain: $0) } ?? socket.map { .qemu(socket: $0) })
    })

  /// The form of a reference; it also reads the label that earlier versions wrote.
  static let formOrLabel = Form.short(
    Form<String>.freeText.map({ GuestReference(name: $0, manager: nil) }, { $0.name ?? "" }), or: form,
    isShort: { _ in false })

  private func name(at kind: GuestManager.Kind) -> String? {
    manager.flatMap { $0.kind == kind ? $0.name : nil }
  }
}

/// The guests that the labels of a plan stand for. A label is the name of the manifest or, for a
/// guest that no manifest describes, the name that `GuestNames` makes from the name in its manager.
public struct GuestLabels: Sendable, Equatable {
  /// The guests of the manifests.
  private let described: [String: GuestManager]

  /// - Parameter described: the guests of the manifests, by name.
  public init(_ described: [String: GuestManager]) { self.described = described }

  public init(_ guests: [GuestManifest], on host: HostIndex) {
    self.init(Dictionary(guests.map { ($0.name, host.shownManager(of: $0)) }) { one, _ in one })
  }

  /// Returns the guest of a label.
  ///
  /// - Parameter manager: the manager of the guest, if it is known independently of the label.
  public func reference(_ label: String, _ manager: GuestManager? = nil) -> GuestReference {
    if let known = described[label] { return GuestReference(name: label, manager: manager ?? known) }
    let found = GuestReference(name: nil, manager: manager ?? Self.manager(label))
    return self.label(of: found) == label ? found : GuestReference(name: label, manager: manager)
  }

  /// Returns the reference to a guest of a manager.
  public func reference(to manager: GuestManager) -> GuestReference {
    GuestReference(name: described.first { $0.value == manager }?.key, manager: manager)
  }

  func label(of guest: GuestReference) -> String {
    guest.name ?? guest.manager?.label(besides: Set(described.keys)) ?? ""
  }

  /// Returns the guest of a label that is not the name of a manifest. The path of a socket is
  /// absolute, and a label may begin with the kind of the manager and a colon.
  private static func manager(_ label: String) -> GuestManager {
    for kind in GuestManager.Kind.allCases where label.hasPrefix(kind.traits.key + ":") {
      return GuestManager(kind, String(label.dropFirst(kind.traits.key.count + 1)))
    }
    return label.hasPrefix("/") ? .qemu(socket: label) : .libvirt(domain: label)
  }
}

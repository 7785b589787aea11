import Documents

/// A libvirt network that assigns VFs to guests by itself: one with `<forward mode='hostdev'>`
/// (https://libvirt.org/formatnetwork.html).
public struct HostdevNetwork: Sendable, Hashable {
  public var name: String
  public var isActive: Bool
  /// Whether libvirt starts the network together with its daemon.
  public var isAutostarted: Bool
  /// The interfaces of the PFs (`<pf dev=…>`). All VFs of these PFs are members.
  public var interfaces: [String]
  /// The members that libvirt lists: always those that the network names one by one, and the VFs of a PF
  /// while the network is active.
  public var addresses: [PCIAddress]

  public init(
    name: String, isActive: Bool, isAutostarted: Bool = false, interfaces: [String] = [],
    addresses: [PCIAddress] = []
  ) {
    self.name = name
    self.isActive = isActive
    self.isAutostarted = isAutostarted
    self.interfaces = interfaces
    self.addresses = addresses
  }

  /// Whether libvirt may assign the members: the network is active, or will be after a start of the daemon.
  public var ownsMembers: Bool { isActive || isAutostarted }

  static let form = Form<HostdevNetwork>.record(
    "HostdevNetwork", "A libvirt network that assigns VFs to guests (forward mode hostdev).",
    Field("name", \.name, .freeText, "The name."),
    Field("active", \.isActive, .boolean, "Whether the network is active."),
    Field(
      "autostart", \.isAutostarted, .boolean, default: false,
      "Whether libvirt starts the network when its daemon starts."),
    Field(
      "interfaces", \.interfaces, .list(of: .freeText), default: [],
      "The interfaces of the PFs; each of their VFs is a member."),
    Field(
      "addresses", \.addresses, .list(of: PCIAddress.form), default: [],
      "The members that libvirt lists."),
    make: HostdevNetwork.init)
}

extension HostState {
  /// The VFs that a network assigns, in the order in which libvirt tries them: those that it lists, then the
  /// other present VFs of its PFs.
  public func members(of network: HostdevNetwork) -> [PCIAddress] {
    let ports = functions.filter { function in
      function.interfaces.contains { $0.namespace == nil && network.interfaces.contains($0.name) }
    }.map(\.address)
    let parts = functions.filter { $0.virtualFunction.map { ports.contains($0.physicalFunction) } ?? false }
      .sorted { ($0.virtualFunction?.index ?? 0) < ($1.virtualFunction?.index ?? 0) }.map(\.address)
    return network.addresses + parts.filter { !network.addresses.contains($0) }
  }
}

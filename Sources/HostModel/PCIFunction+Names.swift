extension PCIFunction {
  /// The interfaces in the host's own network namespace.
  public var interfacesInHostNamespace: [NetworkInterface] { interfaces.filter { $0.namespace == nil } }

  /// The names of the interfaces in the host's own namespace. If there are none, the remembered
  /// name.
  public var interfaceNames: [String] {
    let own = interfacesInHostNamespace
    return own.isEmpty ? [remembered?.interface].compactMap { $0 } : own.map(\.name)
  }

  /// The names and the alternative names of the interfaces in the host's own namespace, each interface with its
  /// name first. If there are no interfaces, those that are remembered.
  public var interfaceNamesAndAltnames: [String] {
    let own = interfacesInHostNamespace
    return own.isEmpty
      ? interfaceNames + (remembered?.altnames ?? []) : own.flatMap { [$0.name] + $0.altnames }
  }

  /// The permanent MAC address of the first interface, otherwise the remembered one.
  public var permanentMAC: MACAddress? { interfaces.first?.permanentMAC ?? remembered?.mac }

  /// The addresses on the path from the root port to the function itself.
  public var way: [PCIAddress] { divided(path ?? "", at: "/").compactMap { PCIAddress($0) } }
}

import HostModel

/// What systemd-networkd does with a NIC: the first .network file that matches it decides (systemd.network(5)).
struct NetworkdControl {
  let files: [NetworkFile]

  /// - Parameter isOfNetplan: whether netplan configures the NIC. The file that netplan generated is then not
  ///   reported a second time.
  func control(of nic: ManagedNIC, isOfNetplan: Bool) -> NetworkControl? {
    var doubt: (file: NetworkFile, reason: String)?
    for file in files where !file.conditions.isEmpty {
      switch ConditionResult.all(file.conditions.map { Self.matches($0, nic) }) {
      case .notMet: continue
      case .unknown(let reason): doubt = doubt ?? (file, "\(file.path): \(reason)")
      case .met:
        if let doubt, doubt.file.isUnmanaged != file.isUnmanaged { return .unknown(doubt.reason) }
        if file.isUnmanaged { return .leaves("Unmanaged=yes in \(file.path)") }
        let isGenerated = file.path.hasPrefix("/run/systemd/network/10-netplan-")
        return isOfNetplan && isGenerated ? nil : .configures(Self.evidence(file), help: Self.help(nic, file))
      }
    }
    if let doubt, !doubt.file.isUnmanaged { return .unknown(doubt.reason) }
    return .leaves("no .network file that manages it")
  }

  private static func evidence(_ file: NetworkFile) -> [String] {
    file.conditions.map { "\($0.origin) matches it: \($0.key)=\($0.words.joined(separator: " "))" }
  }

  private static func matches(_ condition: NetworkFile.Condition, _ nic: ManagedNIC) -> ConditionResult {
    switch condition.key {
    case "Name": any(condition.words, nic.hasNameOrAltname)
    case "Driver": any(condition.words, nic.hasDriver)
    case "Path": any(condition.words) { ManagedNIC.match($0, [nic.path]) }
    case "Type":
      any(condition.words) { type in
        .any([
          .all([nic.isOf(.ethernet), ManagedNIC.match(type, ["ether"])]),
          .all([nic.isOf(.infiniBand), ManagedNIC.match(type, ["infiniband"])]),
        ])
      }
    // The interface of a NIC has no kind, and is not Wi-Fi if the NIC can be assigned.
    case "Kind", "WLANInterfaceType", "SSID", "BSSID": any(condition.words) { _ in .notMet }
    case "MACAddress", "PermanentMACAddress":
      any(condition.words) {
        MACAddress($0.split { "-.".contains($0) }.joined(separator: ":")).map(nic.hasMAC) ?? .notMet
      }
    // pcipass does not run in a container.
    case "Virtualization" where condition.words == ["container"]: .notMet
    case "Virtualization" where condition.words == ["!container"]: .met
    default: .unknown("pcipass does not evaluate \(condition.key)=")
    }
  }

  /// A list is met if it contains only exclusions, or another word that matches; and if no exclusion matches.
  private static func any(
    _ words: [String], _ matches: (String) -> ConditionResult
  ) -> ConditionResult {
    let excluded = words.filter { $0.hasPrefix("!") }.map { matches(String($0.dropFirst())) }
    let results = words.filter { !$0.hasPrefix("!") }.map(matches)
    return .all([!ConditionResult.any(excluded), results.isEmpty ? .met : .any(results)])
  }

  private static func help(_ nic: ManagedNIC, _ file: NetworkFile) -> String {
    // The file must come before the one that matches now.
    let name = divided(file.path, at: "/").last ?? ""
    let own = ["05", "00"].map { "\($0)-pcipass-\(nic.function.address).network" }
      .first { $0.utf8.lexicographicallyPrecedes(name.utf8) }
    guard let own else {
      return
        "exclude the NIC in \(file.path), for example with Path=!\(nic.path) in [Match], then: networkctl reload"
    }
    let mac = nic.isVF ? nil : nic.function.permanentMAC
    return ManagedNIC.command(
      writing: [
        "[Match]", mac.map { "PermanentMACAddress=\($0)" } ?? "Path=\(nic.path)", "[Link]", "Unmanaged=yes",
      ],
      to: "/etc/systemd/network/" + own, then: "networkctl reload")
  }
}

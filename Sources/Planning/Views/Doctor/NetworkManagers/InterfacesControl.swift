import HostModel

/// What ifupdown does with a NIC: it brings up interfaces that a line `auto` or `allow-…` names, if they have a
/// stanza, and the ports of such interfaces (interfaces(5)).
struct InterfacesControl {
  let lines: [InterfacesLine]

  func control(of nic: ManagedNIC) -> NetworkControl {
    var found: [String] = []
    var remedies: [String] = []
    var doubt: String?
    for line in lines where line.kind == .activation {
      for word in line.names {
        let (result, logical) = Self.matches(word, nic)
        if case .unknown(let reason) = result { doubt = doubt ?? "\(line.origin): \(reason)" }
        let stanzas = result == .met ? self.stanzas(of: logical.map { [$0] } ?? nic.names, nic) : []
        guard !stanzas.isEmpty else { continue }
        found.append("\(line.origin) brings it up: \(word)")
        remedies.append("\(word) at \(line.origin)")
        for stanza in stanzas where logical == nil && stanza.kind == .iface {
          remedies.append("the stanza at \(stanza.origin)")
        }
      }
    }
    for line in lines where line.kind == .ports && isActivated(line.stanza) {
      let results = line.names.map { Self.isPort($0, nic) }
      if case .unknown(let reason) = ConditionResult.any(results) {
        doubt = doubt ?? "\(line.origin): \(reason)"
      }
      guard let index = results.firstIndex(of: .met) else { continue }
      found.append("\(line.origin) makes it a port of \(line.stanza ?? "")")
      remedies.append("\(line.names[index]) at \(line.origin)")
    }
    guard found.isEmpty else { return .configures(found, help: "remove " + remedies.joined(separator: ", ")) }
    return doubt.map { .unknown($0) } ?? .leaves("no line of /etc/network/interfaces brings it up")
  }

  /// The stanzas for one of the names. A mapping can lead to any stanza.
  private func stanzas(of names: [String], _ nic: ManagedNIC) -> [InterfacesLine] {
    lines.filter { line in
      switch line.kind {
      case .iface: line.names.contains(where: names.contains)
      case .mapping: line.names.contains { nic.hasName(like: $0) == .met }
      case .activation, .ports: false
      }
    }
  }

  private func isActivated(_ name: String?) -> Bool {
    lines.contains { $0.kind == .activation && $0.names.contains { $0 == name } }
  }

  /// Whether a word of a line `auto` names the NIC, and the stanza that it selects. A word is a name or a pattern,
  /// `[VARIABLE]/VALUE[/OPTIONS]`, and can end with `=STANZA`.
  private static func matches(_ word: String, _ nic: ManagedNIC) -> (ConditionResult, logical: String?) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let logical = parts.count == 2 ? parts[1] : nil
    let pattern = divided(parts[0], at: "/")
    guard pattern.count > 1 else { return (nic.isNamed(parts[0]), logical) }
    let value = String(pattern[1])
    switch pattern[0] {
    case "": return (nic.hasName(like: value), logical)
    case "mac":
      return (MACAddress(value).map(nic.hasMAC) ?? .unknown("pcipass does not evaluate \(word)"), logical)
    default: return (.unknown("pcipass does not evaluate \(word)"), logical)
    }
  }

  private static func isPort(_ word: String, _ nic: ManagedNIC) -> ConditionResult {
    switch word {
    case "all": .met
    case "none": .notMet
    case "regex", "glob", "noregex": .unknown("pcipass does not evaluate \(word)")
    default: nic.isNamed(word)
    }
  }
}

/// What netplan does with a NIC: it configures the interfaces of its entries (netplan(5)).
struct NetplanControl {
  let entries: [NetplanEntry]

  func control(of nic: ManagedNIC) -> NetworkControl {
    let results = entries.map { ($0, Self.matches($0, nic)) }
    let found = results.filter { $0.1 == .met }.map(\.0)
    guard found.isEmpty else {
      let remedies = found.map { entry in
        entry.match == nil
          ? "remove the entry at \(entry.origin)"
          : "remove the entry at \(entry.origin), or change its match if it is also for other NICs"
      }
      return .configures(
        found.map { "\($0.origin) matches it: \($0.name)" },
        help: remedies.joined(separator: "; ") + "; then: netplan try")
    }
    for (entry, result) in results {
      if case .unknown(let reason) = result { return .unknown("\(entry.origin): \(reason)") }
    }
    return .leaves("no entry of netplan matches it")
  }

  private static func matches(_ entry: NetplanEntry, _ nic: ManagedNIC) -> ConditionResult {
    guard let match = entry.match else { return nic.isNamed(entry.name) }
    var results = [nic.isOf(.ethernet)]
    if let name = match.name { results.append(nic.hasNameOrAltname(like: name)) }
    if let mac = match.mac { results.append(nic.hasMAC(mac)) }
    if !match.drivers.isEmpty { results.append(.any(match.drivers.map(nic.hasDriver))) }
    return .all(results)
  }
}

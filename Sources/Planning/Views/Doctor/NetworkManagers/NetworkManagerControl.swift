import HostModel

/// What NetworkManager does with a NIC (NetworkManager.conf(5)).
struct NetworkManagerControl {
  let settings: NetworkManagerSettings
  let interfaces: Observed<[InterfacesLine]?>

  /// - Parameter isOfNetplan: whether netplan configures the NIC. The profile that netplan generated is then not
  ///   reported a second time.
  func control(of nic: ManagedNIC, isOfNetplan: Bool) -> NetworkControl? {
    if let control = exclusion(of: nic) { return control }
    guard case .known(let profiles) = settings.profiles else {
      return .unknown(settings.profiles.reason ?? "")
    }
    let results = profiles.map { ($0, Self.match($0, nic)) }
    if let profile = results.first(where: { $0.1 == .met && $0.0.isAutomatic })?.0 {
      let isGenerated = profile.file.hasPrefix("/run/NetworkManager/system-connections/netplan-")
      return isOfNetplan && isGenerated
        ? nil : .configures(["\(profile.file) is a profile for this NIC"], help: help(for: nic))
    }
    let doubts = results.compactMap { profile, result -> (isAutomatic: Bool, control: NetworkControl)? in
      guard case .unknown(let reason) = result else { return nil }
      return (profile.isAutomatic, .unknown("\(profile.file): \(reason)"))
    }
    let unknown = doubts.first?.control
    if let profile = results.first(where: { $0.1 == .met })?.0 {
      return unknown ?? .leaves("\(profile.file) has autoconnect=false")
    }
    // Without a profile for the NIC, NetworkManager creates one.
    let isExcluded = Self.match(settings.noAutoDefault, nic)
    switch ConditionResult.all([nic.isOf(.ethernet), !isExcluded.result]) {
    case .met:
      if let doubt = doubts.first(where: { !$0.isAutomatic }) { return doubt.control }
      return .configures(
        ["NetworkManager creates a connection for each Ethernet NIC without a profile (no-auto-default)"],
        help: help(for: nic))
    case .notMet:
      return unknown
        ?? .leaves("no profile" + (isExcluded.word.map { ", no-auto-default at \($0.origin)" } ?? ""))
    case .unknown(let reason): return .unknown(reason)
    }
  }

  /// Whether the configuration keeps NetworkManager off the NIC; nil if it manages the NIC.
  private func exclusion(of nic: ManagedNIC) -> NetworkControl? {
    let unmanaged = Self.match(settings.unmanaged, nic)
    if case .unknown(let reason) = unmanaged.result { return .unknown(reason) }
    if unmanaged.result == .met {
      return .leaves("unmanaged-devices at \(unmanaged.word?.origin.description ?? "")")
    }
    if settings.leavesInterfacesFile {
      guard case .known(let lines) = interfaces else { return .unknown(interfaces.reason ?? "") }
      let stanzas = (lines ?? []).filter { $0.kind == .iface }
      if let line = stanzas.first(where: { $0.names.contains(where: nic.names.contains) }) {
        return .leaves("the plugin ifupdown leaves the interfaces of \(line.origin) alone")
      }
    }
    for section in settings.sections {
      switch section.match.map({ Self.match($0, nic).result }) ?? .met {
      case .unknown(let reason): return .unknown(reason)
      case .met: return section.isManaged ? nil : .leaves("managed=0 at \(section.origin)")
      case .notMet: continue
      }
    }
    return nic.names.contains(where: settings.unmanagedByUdev.contains)
      ? .leaves("a udev rule sets NM_UNMANAGED") : nil
  }

  private static func match(_ profile: ConnectionProfile, _ nic: ManagedNIC) -> ConditionResult {
    var results = [nic.isOf(profile.isInfiniBand ? .infiniBand : .ethernet)]
    if let name = profile.interface { results.append(nic.isNamed(name)) }
    if let mac = profile.mac { results.append(nic.hasMAC(mac)) }
    if let key = profile.otherConditions.first {
      results.append(.unknown("pcipass does not evaluate \(key)"))
    }
    return .all(results)
  }

  /// Whether a list of devices contains the NIC, and the word that matches it.
  private static func match(
    _ list: [ConfigurationWord], _ nic: ManagedNIC
  ) -> (result: ConditionResult, word: ConfigurationWord?) {
    let exceptions = exceptions(in: list)
    let words = list.filter { !$0.text.hasPrefix("except:") }
    let excepted = ConditionResult.any(exceptions.map { matches($0.text.dropFirst(7), nic) })
    // A list of exceptions only contains all other devices.
    let results = words.isEmpty && !exceptions.isEmpty ? [.met] : words.map { matches($0.text[...], nic) }
    let word = zip(words, results).first { $0.1 == .met }?.0 ?? exceptions.first
    return (.all([!excepted, .any(results)]), word)
  }

  private static func exceptions(in list: [ConfigurationWord]) -> [ConfigurationWord] {
    list.filter { $0.text.hasPrefix("except:") }
  }

  /// Whether the device specification matches the NIC.
  private static func matches(_ text: Substring, _ nic: ManagedNIC) -> ConditionResult {
    if text == "*" { return .met }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1]) : ""
    switch parts[0] {
    case "interface-name":
      if value.hasPrefix("=") { return nic.isNamed(String(value.dropFirst())) }
      return nic.hasName(like: globbing(value.hasPrefix("~") ? value.dropFirst() : value[...]))
    case "mac": return MACAddress(value).map(nic.hasMAC) ?? .notMet
    case "driver":
      // A version can follow the name.
      let name = divided(value, at: "/")
      return name.count > 1
        ? .unknown("pcipass does not evaluate \(text)")
        : nic.hasDriver(like: globbing(value[...], nothing: true))
    case "type":
      return nic.isOf(
        value == "ethernet" ? .ethernet : value == "infiniband" ? .infiniBand : .other)
    case "s390-subchannels": return .notMet
    case "dhcp-plugin": return .unknown("pcipass does not evaluate \(text)")
    default: return MACAddress(text).map(nic.hasMAC) ?? nic.isNamed(String(text))
    }
  }

  /// The pattern for fnmatch(3): NetworkManager has the wildcards `*` and `?` only, or none.
  private static func globbing(_ text: Substring, nothing: Bool = false) -> String {
    text.reduce(into: "") { pattern, character in
      if "[\\".contains(character) || nothing && "*?".contains(character) { pattern += "\\" }
      pattern.append(character)
    }
  }

  private func help(for nic: ManagedNIC) -> String {
    if let word = Self.exceptions(in: settings.unmanaged)
      .first(where: { Self.matches($0.text.dropFirst(7), nic) == .met })
    {
      return "remove \(word.text) at \(word.origin), which keeps the NIC managed, and run doctor again"
    }
    // The MAC address of a VF can change.
    let words = [
      nic.plainName.map { "interface-name:" + $0 },
      nic.isVF ? nil : nic.function.permanentMAC.map { "mac:\($0)" },
    ].compactMap { $0 }
    let driver = nic.plainDriver.map { "driver:" + $0 }
    guard let list = words.isEmpty ? driver : words.joined(separator: ";") else {
      return
        "add interface-name: with the name of its interface to unmanaged-devices of [keyfile], in a file of "
        + "/etc/NetworkManager/conf.d"
    }
    return ManagedNIC.command(
      writing: ["[keyfile]", "unmanaged-devices+=\(list)"],
      to: "/etc/NetworkManager/conf.d/99-pcipass-\(nic.function.address).conf",
      then: "systemctl reload NetworkManager") + (words.isEmpty ? " (for all NICs of this driver)" : "")
  }
}

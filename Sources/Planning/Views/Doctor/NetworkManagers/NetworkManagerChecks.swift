import HostModel
import Manifests

/// Whether a network manager configures a NIC of a guest while the NIC is at the host: between boot and its
/// assignment, and after a guest released it.
extension ExaminedHost {
  var networkManagerChecks: [Check] {
    let nics = assignedNICs
    let managers = survey.networkManagers
    guard !nics.isEmpty else { return [] }
    let netplan = (managers.netplan.value ?? nil).map { entries in
      nics.filter {
        if case .configures = NetplanControl(entries: entries).control(of: $0) { true } else { false }
      }
      .map(\.function.address)
    }
    let ofNetplan = Set(netplan ?? [])
    return unread
      + checks("NetworkManager", managers.networkManager, nics) { settings, nic in
        NetworkManagerControl(settings: settings, interfaces: managers.ifupdown)
          .control(of: nic, isOfNetplan: ofNetplan.contains(nic.function.address))
      }
      + checks("systemd-networkd", managers.networkd, nics) { files, nic in
        NetworkdControl(files: files)
          .control(of: nic, isOfNetplan: ofNetplan.contains(nic.function.address))
      }
      + checks("ifupdown", managers.ifupdown, nics) { InterfacesControl(lines: $0).control(of: $1) }
      + checks("netplan", managers.netplan, nics) { NetplanControl(entries: $0).control(of: $1) }
  }

  /// The NICs of the definitions and the running guests, and those that the caller added, by address.
  private var assignedNICs: [ManagedNIC] {
    Set(host.holdings.keys).union(alsoAssigned).sorted().compactMap { address in
      let function = host.functions[address] ?? state.futureVirtualFunction(at: address)
      return function.flatMap { $0.deviceClass.isNetwork ? ManagedNIC($0, host) : nil }
    }
  }

  /// One result for each reason why the configuration of managers is unknown.
  private var unread: [Check] {
    let managers = survey.networkManagers
    let reasons = [
      ("NetworkManager", managers.networkManager.reason), ("systemd-networkd", managers.networkd.reason),
      ("ifupdown", managers.ifupdown.reason), ("netplan", managers.netplan.reason),
    ]
    var seen: Set<String> = []
    return reasons.compactMap(\.1).filter { seen.insert($0).inserted }.map { reason in
      let names = reasons.filter { $0.1 == reason }.map(\.0).joined(separator: ", ")
      return .unknown(.networkManager, "whether NICs of guests are configured by \(names)", reason)
    }
  }

  /// The results for one manager; none if the host does not use it. `control` returns nil for a NIC that another
  /// manager reports.
  private func checks<Settings>(
    _ manager: String, _ settings: Observed<Settings?>, _ nics: [ManagedNIC],
    _ control: (Settings, ManagedNIC) -> NetworkControl?
  ) -> [Check] {
    guard case .known(let settings?) = settings else { return [] }
    var found: [Check] = []
    var left: [String] = []
    var unknown: [(reason: String, nics: [String])] = []
    for nic in nics {
      switch control(settings, nic) {
      case nil: continue
      case .configures(let lines, let help)?: found.append(finding(manager, nic, lines, help))
      case .leaves(let reason)?: left.append("\(nic.label): \(reason)")
      case .unknown(let reason)?:
        if let index = unknown.firstIndex(where: { $0.reason == reason }) {
          unknown[index].nics.append(nic.label)
        } else {
          unknown.append((reason, [nic.label]))
        }
      }
    }
    found += unknown.map {
      .unknown(
        .networkManager, "whether \(manager) configures \($0.nics.joined(separator: ", "))", $0.reason)
    }
    return found.isEmpty && !left.isEmpty
      ? [.fine(.networkManager, "\(manager) leaves the NICs of guests alone", details: left)] : found
  }

  private func finding(_ manager: String, _ nic: ManagedNIC, _ lines: [String], _ help: String) -> Check {
    let guests = (host.holdings[nic.function.address] ?? []).map(\.guest.name)
    var seen: Set<String> = []
    let names = guests.filter { seen.insert($0).inserted }.joined(separator: ", ")
    return .found(
      .networkManager, "\(manager) configures \(nic.label) while the NIC is at the host",
      details: lines + (names.isEmpty ? [] : ["assigned to \(names)"])
        + (nic.hasExpectedNames ? ["a VF: the interface is expected to be named \(nic.names[0])"] : []),
      help: help)
  }
}

extension ManagedNIC {
  /// The first name and the driver, if they can be written into a configuration file and a command as they are.
  var plainName: String? { names.first.flatMap(Self.plain) }
  var plainDriver: String? { driver.flatMap(Self.plain) }

  private static func plain(_ text: String) -> String? { isName(text, "._-@", upTo: 64) ? text : nil }

  /// The command that writes a file.
  static func command(writing lines: [String], to file: String, then next: String) -> String {
    "printf '\(lines.map { $0 + "\\n" }.joined())' >\(file) && \(next)"
  }
}

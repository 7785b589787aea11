import Documents
import HostModel
import Manifests

/// The function of each declared NIC: exactly one, or a refusal with the candidates. A NIC that is split into
/// VFs also has its VFs here, with the addresses that VFs to be created will have.
struct Resolution {
  private(set) var functions: [NICReference: PCIFunction] = [:]
  private(set) var log = GuardLog()
  private(set) var nics: [PCIAddress: NICReference] = [:]
  /// The VFs that a change of their PF's number of VFs creates.
  private(set) var createdVFs: Set<PCIAddress> = []

  var refusals: [Refusal] { log.refusals }

  init(_ manifest: HostManifest, _ host: HostIndex) {
    for nic in manifest.spec.nics {
      let name = nic.name.value
      let origin = nic.select.location?.description
      let matches = Resolution.candidates(nic.select.value, host).filter { nic.select.value.matches($0) }
      guard let function = matches.first, matches.count == 1 else {
        let all = matches.isEmpty ? host.state.functions.filter { $0.deviceClass.isNetwork } : matches
        log.refuse(
          Refusal(
            .select, nic: name,
            matches.isEmpty
              ? "no function of this host matches \(nic.select.value)"
              : "\(matches.count) functions of this host match \(nic.select.value)",
            details: all.prefix(16).map(\.summary) + (all.count > 16 ? ["and \(all.count - 16) more"] : []),
            help: matches.isEmpty
              ? nic.select.value.help(host.state.functions)
              : "add address, path or mac to select until one function matches: pcipass devices",
            origin: origin))
        continue
      }
      guard function.deviceClass.isNetwork else {
        log.refuse(
          Refusal(
            .select, nic: name,
            "\(function.address) is not a network controller (class \(function.deviceClass))",
            details: [function.summary], origin: origin))
        continue
      }
      if let other = nics[function.address] {
        log.refuse(
          Refusal(
            .select, nic: name, "\(function.address) is already selected as \(other)",
            details: [function.summary], origin: origin))
        continue
      }
      if let expect = nic.expect {
        let candidate = Candidate(
          address: function.address, function: function, nic: nic, reference: NICReference(nic: name),
          guestClaim: nil, holdings: [], isCreatedByPlan: false)
        guard log.record(HardwareGuard.result(expect, on: function), of: candidate) else { continue }
      }
      add(function, as: NICReference(nic: name))
      addVirtualFunctions(of: nic, function, host)
    }
  }

  private mutating func add(_ function: PCIFunction, as reference: NICReference) {
    functions[reference] = function
    nics[function.address] = reference
  }

  /// Adds the VFs: the observed ones if their number stays, otherwise those that will be created.
  private mutating func addVirtualFunctions(of nic: HostNIC, _ function: PCIFunction, _ host: HostIndex) {
    guard let count = nic.virtualFunctions?.value.count else { return }
    let isChanged = function.sriov?.count != count
    let members = isChanged ? function.virtualFunctions(count) : host.virtualFunctions[function.address] ?? []
    for member in members {
      guard let index = member.virtualFunction?.index, index < count else { continue }
      let reference = NICReference(nic: nic.name.value, virtualFunction: index)
      if let other = nics[member.address] {
        log.refuse(
          Refusal(
            .select, nic: "\(reference)", "\(member.address) is already selected as \(other)",
            details: [member.summary], origin: nic.virtualFunctions?.location?.description))
        continue
      }
      add(member, as: reference)
      if isChanged { createdVFs.insert(member.address) }
    }
    guard !isChanged else { return }
    for index in 0..<count {
      let reference = NICReference(nic: nic.name.value, virtualFunction: index)
      guard functions[reference] == nil, !refusals.contains(where: { $0.nic == "\(reference)" }) else {
        continue
      }
      log.refuse(
        Refusal(
          .unavailable, nic: "\(reference)",
          "VF \(index) of \(function.address) was not found",
          details: members.map(\.summary), origin: nic.virtualFunctions?.location?.description))
    }
  }

  /// Returns the functions that can match: the one at the address, if the selector has one, otherwise all.
  private static func candidates(_ selector: Selector, _ host: HostIndex) -> [PCIFunction] {
    guard let address = selector.address else { return host.state.functions }
    return host.functions[address].map { [$0] } ?? []
  }
}

extension Selector {
  func matches(_ function: PCIFunction) -> Bool {
    if let address, function.address != address { return false }
    if let path, function.path != path.lowercased() { return false }
    if let serial, function.serial != serial { return false }
    if let mac, !function.hasPermanent(mac) { return false }
    if let interface, !function.interfaceNames.contains(interface) { return false }
    return true
  }
}

extension Selector {
  /// One selector for each of the conditions.
  private var conditions: [Selector] {
    [
      address.map { Selector(address: $0) }, mac.map { Selector(mac: $0) },
      interface.map { Selector(interface: $0) }, path.map { Selector(path: $0) },
      serial.map { Selector(serial: $0) },
    ].compactMap { $0 }
  }

  /// Returns what to do if no function matches: it names the conditions that no function meets, and the most
  /// similar value.
  fileprivate func help(_ functions: [PCIFunction]) -> String {
    let failed = conditions.filter { condition in !functions.contains(where: condition.matches) }
    guard !failed.isEmpty else {
      return "different functions match the conditions: remove one of them; to list the NICs: pcipass devices"
    }
    let names = failed.map { condition in
      "\(condition)" + (condition.suggestion(functions).map { " (did you mean \($0)?)" } ?? "")
    }
    let isByInterface = failed.contains { $0.mac != nil || $0.interface != nil }
    return "correct " + names.joined(separator: " and ") + "; to list the NICs: pcipass devices"
      + (isByInterface ? "; a NIC that was never on its native driver can be selected by address" : "")
  }

  /// Returns the value of a NIC that is most similar to the value of this condition.
  private func suggestion(_ functions: [PCIFunction]) -> String? {
    let nics = functions.filter(\.deviceClass.isNetwork)
    if let address { return nearest(to: "\(address)", among: nics.map { "\($0.address)" }) }
    if let mac { return nearest(to: "\(mac)", among: nics.compactMap(\.permanentMAC).map { "\($0)" }) }
    if let interface { return nearest(to: interface, among: nics.flatMap(\.interfaceNames)) }
    if let path { return nearest(to: path, among: nics.compactMap(\.path)) }
    return serial.flatMap { nearest(to: $0, among: nics.compactMap(\.serial)) }
  }
}

extension Selector: CustomStringConvertible {
  public var description: String {
    [
      address.map { "address \($0)" }, mac.map { "mac \($0)" }, interface.map { "interface \($0)" },
      path.map { "path \($0)" }, serial.map { "serial \($0)" },
    ].compactMap { $0 }.joined(separator: " and ")
  }
}

extension PCIFunction {
  /// Whether the address is the permanent one of the hardware. An address that was set may belong to another
  /// NIC.
  fileprivate func hasPermanent(_ mac: MACAddress) -> Bool {
    if interfaces.isEmpty { return remembered?.mac == mac }
    return interfaces.contains { $0.permanentMAC == mac }
  }

  /// One line by which an operator recognises the function: address, ids, name, interfaces and driver.
  public var summary: String {
    var words = ["\(address)", "[\(id)]"]
    if let name { words.append(name) }
    for interface in interfaces {
      words.append(interface.name)
      if let mac = interface.permanentMAC ?? interface.mac { words.append("\(mac)") }
    }
    if interfaces.isEmpty, let remembered {
      if let interface = remembered.interface { words.append("last seen as \(interface)") }
      if let mac = remembered.mac { words.append("\(mac)") }
    }
    words.append(driver.map { "on \($0)" } ?? "without a driver")
    return words.joined(separator: " ")
  }
}

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
              ? "no function of this host is \(nic.select.value)"
              : "\(matches.count) functions of this host are \(nic.select.value)",
            details: all.prefix(16).map(\.summary) + (all.count > 16 ? ["and \(all.count - 16) more"] : []),
            help: matches.isEmpty
              ? "a NIC that was never seen with its interface can be selected by address"
              : "add address, path or mac until one is left", origin: origin))
        continue
      }
      guard function.deviceClass.isNetwork else {
        log.refuse(
          Refusal(
            .select, nic: name,
            "\(function.address) is no network controller (class \(function.deviceClass))",
            details: [function.summary], origin: origin))
        continue
      }
      if let other = nics[function.address] {
        log.refuse(
          Refusal(
            .select, nic: name, "\(function.address) is selected already, as \(other)",
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
            .select, nic: "\(reference)", "\(member.address) is selected already, as \(other)",
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
          "virtual function \(index) of \(function.address) is not to be seen",
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
      if let interface = remembered.interface { words.append("was \(interface)") }
      if let mac = remembered.mac { words.append("\(mac)") }
    }
    words.append(driver.map { "on \($0)" } ?? "without driver")
    return words.joined(separator: " ")
  }
}

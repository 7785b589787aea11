import Documents
import HostModel
import Manifests

/// Which function each declared NIC is: exactly one, or a refusal that lists the candidates. Of a NIC that is handed
/// out in parts also the VFs, those that are not there yet at the addresses where they will be.
struct Resolution {
  private(set) var functions: [NICReference: PCIFunction] = [:]
  private(set) var findings = Findings()
  private(set) var nics: [PCIAddress: NICReference] = [:]
  /// Those that come with a change of their PF's number of VFs.
  private(set) var coming: Set<PCIAddress> = []

  var refusals: [Refusal] { findings.refusals }

  init(_ manifest: HostManifest, _ host: HostIndex) {
    for nic in manifest.spec.nics {
      let name = nic.name.value
      let origin = nic.select.place?.description
      let matches = Resolution.candidates(nic.select.value, host).filter { nic.select.value.matches($0) }
      guard let function = matches.first, matches.count == 1 else {
        let all = matches.isEmpty ? host.state.functions.filter { $0.deviceClass.isNetwork } : matches
        findings.refuse(
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
        findings.refuse(
          Refusal(
            .select, nic: name,
            "\(function.address) is no network controller (class \(function.deviceClass))",
            details: [function.summary], origin: origin))
        continue
      }
      if let other = nics[function.address] {
        findings.refuse(
          Refusal(
            .select, nic: name, "\(function.address) is selected already, as \(other)",
            details: [function.summary], origin: origin))
        continue
      }
      let candidate = Candidate(
        function: function.address, name: name, nic: nic, guest: nil, origin: nic.name.place?.description)
      guard findings.passes(.expect, candidate, nic.expect.map { $0.value.finding(on: function, $0) }) else {
        continue
      }
      add(function, as: NICReference(nic: name))
      addVirtualFunctions(of: nic, function, host)
    }
  }

  private mutating func add(_ function: PCIFunction, as reference: NICReference) {
    functions[reference] = function
    nics[function.address] = reference
  }

  /// Where their number stays, those that are there.
  private mutating func addVirtualFunctions(of nic: HostNIC, _ function: PCIFunction, _ host: HostIndex) {
    guard let count = nic.virtualFunctions?.value.count else { return }
    let isChanged = function.sriov?.count != count
    let members = isChanged ? function.virtualFunctions(count) : host.virtualFunctions[function.address] ?? []
    for member in members {
      guard let index = member.virtualFunction?.index, index < count else { continue }
      let reference = NICReference(nic: nic.name.value, virtualFunction: index)
      if let other = nics[member.address] {
        findings.refuse(
          Refusal(
            .select, nic: "\(reference)", "\(member.address) is selected already, as \(other)",
            details: [member.summary], origin: nic.virtualFunctions?.place?.description))
        continue
      }
      add(member, as: reference)
      if isChanged { coming.insert(member.address) }
    }
    guard !isChanged else { return }
    for index in 0..<count {
      let reference = NICReference(nic: nic.name.value, virtualFunction: index)
      guard functions[reference] == nil, !refusals.contains(where: { $0.nic == "\(reference)" }) else {
        continue
      }
      findings.refuse(
        Refusal(
          .unavailable, nic: "\(reference)",
          "virtual function \(index) of \(function.address) is not to be seen",
          details: members.map(\.summary), origin: nic.virtualFunctions?.place?.description))
    }
  }

  /// An address is looked up; anything else is searched for.
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
  /// The hardware's own address, not one that was set: that may be another's.
  fileprivate func hasPermanent(_ mac: MACAddress) -> Bool {
    if interfaces.isEmpty { return remembered?.mac == mac }
    return interfaces.contains { $0.permanentMAC == mac }
  }

  /// One line that lets an operator recognise it.
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

extension Expectation {
  fileprivate func finding(on function: PCIFunction, _ located: Located<Expectation>) -> Finding {
    guard let wrong = mismatch(function) else { return .clear("\(words) as expected") }
    return .against(
      Objection(
        .expect, "\(function.address) is not what is expected: \(wrong)", details: [function.summary],
        help: "the cards may have been moved: check the selector, then correct expect",
        origin: located.place?.description))
  }

  private var words: String {
    [
      id.map { "\($0)" }, vendor.map { "vendor \($0)" }, device.map { "device \($0)" },
      driver.map { "driver \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// What is not as expected, or nil.
  func mismatch(_ function: PCIFunction) -> String? {
    if let id, function.id != id { return "its id is \(function.id), not \(id)" }
    if let vendor, function.id.vendor != vendor.value {
      return "its vendor is \(PCIIDHalf(function.id.vendor)), not \(vendor)"
    }
    if let device, function.id.device != device.value {
      return "its device id is \(PCIIDHalf(function.id.device)), not \(device)"
    }
    if let driver, let actual = function.hostDriver, actual != driver {
      return "its own driver is \(actual), not \(driver)"
    }
    if let driver, function.hostDriver == nil {
      return "its own driver is not known, so it may not be \(driver)"
    }
    return nil
  }
}

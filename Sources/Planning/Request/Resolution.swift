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
  /// The line that selects each NIC.
  private var places: [String: SourceLocation] = [:]

  var refusals: [Refusal] { log.refusals }

  init(_ entries: [HostNIC], _ host: HostIndex) {
    for nic in entries {
      let name = nic.name.value
      let origin = nic.select.location?.description
      if let slot = nic.select.value.slot, host.ports(inSlot: slot).count > 1 {
        log.refuse(host.ambiguousSlot(slot, nic: name, origin: nic.select.location))
        continue
      }
      let matches = host.functions(matching: nic.select.value)
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
              ? nic.select.value.help(host)
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
            details: [function.summary] + (places[other.nic].map { ["\(other): \($0)"] } ?? []),
            help: "name it in one of the two only; a pool takes it out with exclude", origin: origin))
        continue
      }
      if let expect = nic.expect {
        let candidate = Candidate(
          address: function.address, function: function, nic: nic, reference: NICReference(nic: name),
          guestClaim: nil, holdings: [], isCreatedByPlan: false)
        guard log.record(HardwareGuard.result(expect, on: function), of: candidate) else { continue }
      }
      add(function, as: NICReference(nic: name))
      places[name] = nic.select.location
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
    // VFs beyond the number that the card supports are refused by a guard.
    let possible = min(count, function.sriov?.total ?? count)
    let members =
      isChanged ? function.virtualFunctions(possible) : host.virtualFunctions[function.address] ?? []
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
}

extension PCIFunction {
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

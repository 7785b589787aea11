import Documents
import HostModel

/// Checks that a claim can be met by the NIC or pool that it names.
enum ClaimCheck {
  static func check(
    _ claim: Claim, of guest: GuestManifest, _ entry: HostEntry?, on host: HostManifest,
    _ result: inout [Diagnostic]
  ) {
    let reference = claim.from.value
    guard let entry else {
      result.append(unknown(reference, at: claim, on: host))
      return
    }
    let settings = entry.virtualFunctions?.value.defaults.with(claim.settings) ?? claim.settings
    if claim.device == .interface, let vlan = settings.vlan, vlan != VLAN(id: vlan.id) {
      result.append(
        Diagnostic(
          code: "conflict",
          "libvirt sets only the VLAN id of an interface, not qos or proto",
          at: claim.name.location, help: "remove as: interface; pcipass then sets all three through the PF"))
    }
    if let problem = problem(claim, entry, on: host) {
      result.append(problem)
    } else if entry.virtualFunctions == nil,
      let key = claim.settings.firstKey ?? (claim.device == .interface ? "as: interface" : nil)
    {
      result.append(
        Diagnostic(
          code: "conflict", "\(key) can be set on a VF only, and \(reference) is a whole NIC",
          at: claim.name.location))
    }
    if !entry.isChoice(reference), claim.numa != .prefer || claim.spread != .prefer {
      result.append(
        Diagnostic(
          code: "conflict",
          "\(claim.numa != .prefer ? "numa" : "spread") is for claims whose NIC pcipass chooses, and "
            + "\(reference) is one NIC",
          at: claim.name.location, help: "claim a pool, or NAME/any"))
    }
  }

  private static func unknown(
    _ reference: NICReference, at claim: Claim, on host: HostManifest
  ) -> Diagnostic {
    let names = host.entryNames
    return Diagnostic(
      code: "unknown-nic", "\(host.name) has no NIC or pool named \(reference.entry)",
      at: claim.from.location,
      help: nearest(to: reference.entry, among: names).map { "did you mean \($0)?" }
        ?? (names.isEmpty ? "it has no NICs" : "it has: " + names.prefix(20).joined(separator: ", ")))
  }

  private static func problem(_ claim: Claim, _ entry: HostEntry, on host: HostManifest) -> Diagnostic? {
    let reference = claim.from.value
    func refuse(
      _ code: String, _ message: String, _ related: SourceLocation?, help: String? = nil
    ) -> Diagnostic {
      Diagnostic(code: code, message, at: claim.from.location, related: related, help: help)
    }
    let name = entry.name
    // The number of members, as far as it is declared; 0 for a NIC.
    let members = if case .pool(let pool) = entry { pool.expect?.value.count ?? Int.max } else { 0 }
    let isOfPort = reference.port != nil
    if isOfPort, members == 0 {
      return refuse(
        "unknown-nic", "there is no \(reference): \(name.value) is one NIC, not a pool", name.location,
        help: "claim \(name.value)\(entry.virtualFunctions == nil ? "" : "/N or \(name.value)/any")")
    }
    if let port = reference.port.flatMap({ Int($0) }), port >= members {
      return refuse("unknown-nic", "there is no \(reference): \(words(members, of: name))", name.location)
    }
    guard let functions = entry.virtualFunctions else {
      return problemOfWhole(reference, name, members: members, refuse)
    }
    let count = functions.value.count
    if members > 0, !isOfPort, let number = reference.virtualFunction {
      return refuse(
        "conflict", "\(reference) is a port of the pool \(name.value), which is split into VFs",
        functions.location,
        help: "claim \(name.value) for any VF, or \(name.value)/PORT/\(number) for one")
    }
    if let index = reference.virtualFunction, index >= count {
      let one = reference.nic
      let numbers = count == 0 ? "" : ", \(one)/0 to \(one)/\(count - 1)"
      return refuse(
        "unknown-nic", "there is no \(reference): \(one) has \(count) VFs\(numbers)", functions.location)
    }
    if count == 0, entry.isChoice(reference) {
      return refuse("unknown-nic", "\(name.value) has 0 VFs", functions.location)
    }
    if reference.virtualFunction == nil, !entry.isChoice(reference) {
      return refuse(
        "conflict", "\(reference) is split into VFs and cannot be assigned whole", functions.location,
        help: "claim a VF, for example \(reference.nic)/\(members > 0 ? "any" : "0")")
    }
    return nil
  }

  /// The problem of a claim of an entry without VFs.
  private static func problemOfWhole(
    _ reference: NICReference, _ name: Located<String>, members: Int,
    _ refuse: (String, String, SourceLocation?, String?) -> Diagnostic
  ) -> Diagnostic? {
    let isPort = members > 0 && reference.port == nil && !reference.isAny
    if isPort, let port = reference.virtualFunction {
      guard port >= members else { return nil }
      return refuse(
        "unknown-nic", "there is no \(reference): \(words(members, of: name))", name.location, nil)
    }
    guard reference.virtualFunction != nil || reference.isAny else { return nil }
    return refuse(
      "unknown-nic", "\(name.value) has no VFs in its Host manifest", name.location,
      "add virtualFunctions: {count: N} to \(members > 0 ? "the pool" : "the NIC in the Host manifest")")
  }

  private static func words(_ count: Int, of name: Located<String>) -> String {
    "the pool \(name.value) has \(count) members, \(name.value)/0 to \(name.value)/\(count - 1)"
  }
}

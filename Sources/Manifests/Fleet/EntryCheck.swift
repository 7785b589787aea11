import Documents
import HostModel

/// Checks the NICs and pools of one host.
enum EntryCheck {
  static func check(_ host: HostManifest, _ result: inout [Diagnostic]) {
    check(host.spec, of: host.name, &result)
  }

  /// The problems of a class that no host has.
  static func diagnostics(ofUnused each: HostClassManifest) -> [Diagnostic] {
    var result: [Diagnostic] = []
    check(each.spec, of: "the class \(each.name)", &result)
    return result
  }

  private static func check(_ spec: HostManifest.Spec, of owner: String, _ result: inout [Diagnostic]) {
    var names: [String: Located<String>] = [:]
    func check(_ name: Located<String>, _ what: String) {
      if let first = names[name.value] {
        result.append(.duplicateName("\(what) \(name.value) of \(owner)", name, first))
      } else {
        names[name.value] = name
      }
    }
    var selectors: [Selector: (name: String, select: Located<Selector>)] = [:]
    func check(_ name: Located<String>, _ select: Located<Selector>) {
      guard let first = selectors.updateValue((name.value, select), forKey: select.value) else { return }
      result.append(
        Diagnostic(
          code: "duplicate-select", "\(name.value) and \(first.name) of \(owner) select the same function",
          at: select.location, related: first.select.location))
    }
    for nic in spec.nics {
      check(nic.name, "the NIC")
      check(nic.name, nic.select)
      checkReserve(nic.reserve, nic.virtualFunctions, &result)
    }
    for pool in spec.pools {
      check(pool.name, "the pool")
      check(pool.name, pool.select)
      checkReserve(pool.reserve, pool.virtualFunctions, &result)
      self.check(pool, of: owner, &result)
    }
  }

  private static func checkReserve(
    _ isReserved: Bool, _ functions: Located<VirtualFunctions>?, _ result: inout [Diagnostic]
  ) {
    guard isReserved, let functions else { return }
    result.append(
      Diagnostic(
        code: "conflict",
        "reserve and virtualFunctions cannot be used together: a PF whose VFs are assigned "
          + "needs its native driver", at: functions.location))
  }

  private static func check(_ pool: NICPool, of owner: String, _ result: inout [Diagnostic]) {
    let keys = ([pool.select] + pool.exclude).flatMap(\.value.keysLostOnDetach)
    guard let key = keys.first, pool.expect?.value.count == nil else { return }
    result.append(
      Diagnostic(
        code: "missing-key",
        "the pool \(pool.name.value) of \(owner) selects by \(key), which a NIC does not show while a guest "
          + "has it: expect.count is required",
        at: pool.select.location, help: "add expect: {count: N} with the number of members"))
  }
}

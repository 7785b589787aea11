import HostModel
import Manifests

/// No two VFs have the same MAC address at any moment: a card gives frames to the wrong one.
extension PlanBuilder {
  /// Lets each step that sets a MAC address wait for the step that takes it from another VF. If two VFs exchange
  /// their addresses, one of them gets its own in between.
  mutating func addWaitsForMACAddresses() {
    var clearing = clearingSteps
    guard !clearing.isEmpty else { return }
    for (id, mac) in steps.compactMap({ step in step.setMAC.map { (step.id, $0) } }) {
      guard var wait = clearing[mac], wait != id else { continue }
      if reaches(from: wait, id) {
        guard let cleared = insertStep(before: wait) else { continue }
        (clearing[mac], wait) = (cleared, cleared)
      }
      guard let index = steps.firstIndex(where: { $0.id == id }), !steps[index].after.contains(wait) else {
        continue
      }
      steps[index].after.append(wait)
    }
  }

  /// The steps after which a VF does not have a MAC address any longer.
  private var clearingSteps: [MACAddress: String] {
    var result: [MACAddress: String] = [:]
    for step in steps {
      switch step.action {
      case .configure(let configure):
        if let mac = configure.from.mac, !mac.isZero, configure.to.mac != nil { result[mac] = step.id }
      case .resize(let resize):
        for function in host.virtualFunctions[resize.address] ?? [] {
          guard let mac = function.virtualFunction?.settings.value?.mac, !mac.isZero else { continue }
          result[mac] = step.id
        }
      case .detach(let detach):
        if detach.placement.part == .live, let mac = detach.hostdev.mac { result[mac] = step.id }
      default: break
      }
    }
    return result
  }

  /// Whether the step of the first id waits for the other, directly or through others.
  private func reaches(from first: String, _ last: String) -> Bool {
    let after = Dictionary(steps.map { ($0.id, $0.after) }, uniquingKeysWith: { one, _ in one })
    var (seen, next): (Set<String>, [String]) = ([], [first])
    while let id = next.popLast() {
      if id == last { return true }
      if seen.insert(id).inserted { next += after[id] ?? [] }
    }
    return false
  }

  /// Divides a step that changes a MAC address into two: the first sets the address that the VF has without a
  /// guest.
  ///
  /// - Returns: the id of the first, or nil if the step cannot be divided.
  private mutating func insertStep(before id: String) -> String? {
    guard let index = steps.firstIndex(where: { $0.id == id }),
      case .configure(var configure) = steps[index].action,
      let place = host.functions[configure.place.address]?.virtualFunction
    else { return nil }
    let between = VFSettings(mac: host.stableMAC(of: place, on: request.host.name))
    var first = steps[index]
    first.id = "free-mac/\(configure.place.address)"
    first.action = .configure(configure.place, from: configure.from.only(.mac), to: between)
    first.because = "another VF gets the MAC address of this one"
    // What the whole step waited for because of addresses, only the second part waits for.
    first.after = steps[index].after.filter { !$0.hasPrefix("configure/") && !$0.hasPrefix("free-mac/") }
    configure.from.mac = between.mac
    steps[index].action = .configure(configure.place, from: configure.from, to: configure.to)
    steps[index].after.append(first.id)
    steps.insert(first, at: index)
    return first.id
  }
}

extension Step {
  /// The MAC address that a VF gets.
  fileprivate var setMAC: MACAddress? {
    switch action {
    case .configure(let configure): configure.to.mac
    case .attach(let attach): attach.placement.part == .live ? attach.hostdev.mac : nil
    default: nil
    }
  }
}

import HostModel

/// How a function stands in comparison with its entry in the boot record.
public enum BootState: Sendable, Equatable {
  case inPlace
  /// No function has the address.
  case missing
  /// Another function has the address, with the difference.
  case replaced(String)
  /// The function is at the host: on its native driver, or without the VFs that it should have.
  case atHost
  case different(String)
  case unknown(String)
}

extension BootEntry {
  /// Returns how the function stands on a host.
  public func state(on host: HostIndex) -> BootState {
    guard let function = host.functions[address] else { return .missing }
    if let difference = difference(on: host) { return .replaced(difference) }
    if let binding, function.driver != binding.driver {
      if Drivers.isNative(function.driver) { return .atHost }
      return .different("it is on \(function.driver ?? "no driver"), not on \(binding)")
    }
    if let count = virtualFunctions?.count {
      let present = function.sriov?.count ?? 0
      if present == 0, count > 0 { return .atHost }
      if present != count { return .different("it has \(present) VFs, not \(count)") }
    }
    guard let settings, let place = function.virtualFunction else { return .inPlace }
    switch place.settings {
    case .unavailable(let reason): return .unknown(reason)
    case .known(let now):
      let missing = settings.difference(from: now)
      if missing.isEmpty { return .inPlace }
      return .different("it has \(missing.counterpart(in: now)), not \(missing)")
    }
  }

  /// Returns the difference that shows that another function has the address, or that a VF has another place on
  /// its PF; nil if nothing shows it.
  func difference(on host: HostIndex) -> String? {
    if let found = host.identity(of: address), let difference = found.difference(from: identity) {
      return difference
    }
    guard let before = physicalFunction,
      let now = host.functions[address]?.virtualFunction?.physicalFunction, now != before
    else { return nil }
    return "it is a VF of \(now); it was one of \(before)"
  }
}

import HostModel
import Manifests

extension Fact {
  /// What a plan for these functions rests on: theirs, their groups', and what guests have of them.
  /// Group numbers are left out: they change at each boot and mean nothing.
  static func all(_ addresses: [PCIAddress], _ host: HostIndex) -> [Fact] {
    var result: [Fact] = []
    var seen: Set<PCIAddress> = []
    for address in addresses {
      let siblings = host.functions[address].map { host.siblings(of: $0) } ?? []
      for function in [host.functions[address]].compactMap({ $0 }) + siblings
      where seen.insert(function.address).inserted {
        result += facts(of: function, siblings: host.siblings(of: function), host)
      }
      if host.functions[address] == nil { result.append(Fact("\(address)", "present", "no")) }
    }
    return result
  }

  private static func facts(
    of function: PCIFunction, siblings: [PCIFunction], _ host: HostIndex
  ) -> [Fact] {
    let subject = "\(function.address)"
    let uses = function.interfaces.map { interface in
      switch interface.uses {
      case .known(let uses): uses.isEmpty ? interface.name : "\(interface.name): " + uses.map(\.description).joined(separator: ", ")
      case .unavailable(let reason): "\(interface.name): unknown (\(reason))"
      }
    }
    let holders: String =
      switch function.holders {
      case .known(let holders): holders.map { "\($0.command)" }.joined(separator: ", ")
      case .unavailable(let reason): "unknown (\(reason))"
      }
    let guests = (host.holdings[function.address] ?? []).map(\.description)
    return [
      Fact(subject, "id", "\(function.id)"),
      Fact(subject, "driver", function.driver ?? "none"),
      Fact(subject, "driver_override", function.driverOverride ?? "none"),
      Fact(subject, "group", siblings.map { "\($0.address)" }.joined(separator: ", ")),
      Fact(subject, "interfaces", uses.joined(separator: "; ")),
      Fact(subject, "holders", holders),
      Fact(subject, "guests", guests.joined(separator: "; ")),
    ]
  }

  /// What differs between two sets of facts, in words.
  public static func changes(from old: [Fact], to new: [Fact]) -> [String] {
    let before = Dictionary(old.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    var result: [String] = []
    var seen: Set<Key> = []
    for fact in new {
      seen.insert(fact.key)
      guard let value = before[fact.key] else {
        result.append("\(fact.subject) \(fact.attribute): now \(words(fact.value))")
        continue
      }
      if value != fact.value {
        result.append("\(fact.subject) \(fact.attribute): was \(words(value)), now \(words(fact.value))")
      }
    }
    for fact in old where !seen.contains(fact.key) {
      result.append("\(fact.subject) \(fact.attribute): was \(words(fact.value)), not seen any more")
    }
    return result
  }

  private static func words(_ value: String) -> String { value.isEmpty ? "nothing" : value }

  private struct Key: Hashable {
    let subject: String
    let attribute: String
  }

  private var key: Key { Key(subject: subject, attribute: attribute) }
}

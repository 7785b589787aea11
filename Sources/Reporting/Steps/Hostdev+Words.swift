import HostModel
import Manifests
import Planning

extension Hostdev {
  /// The guest NIC that the mark of pcipass names, as text after the address; empty without a mark.
  var markText: String { Ownership.nic(ofAlias: alias).map { " (\($0))" } ?? "" }

  /// The place and the kind of the device in the guest, as far as pcipass chooses them; empty where it does
  /// not.
  func words(in placement: Placement) -> String {
    var words: [String] = []
    if placement.guest.traits.namesModels {
      words += [driver.map { "as \($0)" }, bus.map { "on \($0)" }].compactMap { $0 }
    }
    if device == .interface {
      words.append("as an interface")
      words += [mac.map { "MAC \($0)" }, vlan.map { "VLAN \($0)" }].compactMap { $0 }
    }
    return words.isEmpty ? "" : " (" + words.joined(separator: ", ") + ")"
  }

  var details: [String] {
    [
      alias.map { "alias: \($0)" }, "managed: \(isManaged ? "yes" : "no")",
      guestAddress.map { "in the guest at: \($0)" }, bus.map { "on the bus: \($0)" },
      failoverPartner.map { "takes over while it is away: \($0)" }, driver.map { "driver: \($0)" },
      mac.map { "MAC: \($0)" }, vlan.map { "VLAN: \($0)" },
    ].compactMap { $0 }
  }
}

extension Placement {
  var words: String {
    switch part {
    case .persistent: "the definition of \(guest.name)"
    case .live: "the running \(guest.name)"
    }
  }
}

import HostModel
import Manifests
import Planning

extension Hostdev {
  /// The guest's NIC that pcipass's mark names, behind the address.
  var markWords: String { Ownership.nic(ofAlias: alias).map { " (\($0))" } ?? "" }

  /// Where in the guest it comes, and as what, as far as pcipass chooses that.
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
      partner.map { "takes over while it is away: \($0)" }, driver.map { "driver: \($0)" },
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

import HostModel
import Manifests
import Planning

extension Hostdev {
  /// The guest NIC that the mark of pcipass names, as text after the address; empty without a mark.
  var markText: String { Ownership.nic(ofAlias: alias).map { " (\($0))" } ?? "" }

  /// The model, the bus and the settings of the device, as far as pcipass chooses them, as the end of a
  /// sentence.
  func sentenceEnd(in placement: Placement) -> String {
    var words = interfaceWords
    if placement.guest.traits.namesModels {
      words += [driver.map { "as \($0)" }, bus.map { "on \($0)" }].compactMap { $0 }
    }
    return words.isEmpty ? "" : " (" + words.joined(separator: ", ") + ")"
  }

  /// The settings that libvirt applies to an interface; empty for another device.
  var interfaceWords: [String] {
    guard device == .interface else { return [] }
    return ["as an interface"] + [mac.map { "MAC \($0)" }, vlan.map { "VLAN \($0)" }].compactMap { $0 }
  }

  var details: [String] {
    [
      alias.map { "alias: \($0)" }, "managed: \(isManaged ? "yes" : "no")",
      guestAddress.map { "address in the guest: \($0)" }, bus.map { "bus: \($0)" },
      failoverPartner.map { "failover partner: \($0)" }, driver.map { "driver: \($0)" },
      mac.map { "MAC: \($0)" }, vlan.map { "VLAN: \($0)" },
    ].compactMap { $0 }
  }
}

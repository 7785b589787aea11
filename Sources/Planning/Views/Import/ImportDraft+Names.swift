import Documents
import HostModel
import Manifests

/// Names in the manifests, and the manifests themselves.
extension ImportDraft {
  /// Returns the name of the function's interface, now or when it was last seen; otherwise a name made from
  /// its address.
  func name(for function: PCIFunction) -> String {
    if let entry = options.entries[function.address] { return entry.name }
    return unused(function.interfaceNames.first.map { nameWord($0, "_-", upTo: 32) } ?? "") { name in
      !nics.contains { $0.name.value == name } && !options.entries.values.contains { $0.name == name }
    } ?? nicName(of: function.address)
  }

  /// Returns the name that the ownership mark contains; otherwise the name of the host's NIC.
  func name(of hostdev: Hostdev, _ reference: NICReference, in guest: GuestManager) -> String {
    let name =
      Ownership.nic(ofAlias: hostdev.alias).flatMap { isName($0, "_-", upTo: 32) ? $0 : nil }
      ?? nameWord("\(reference)", "_-", upTo: 32)
    func isFree(_ name: String) -> Bool {
      !claims.contains { $0.guest == guest && $0.claim.name.value == name }
    }
    return unused(name, isFree) ?? numbered("nic", from: claims.count, isFree)
  }

  private func unused(_ name: String, _ isFree: (String) -> Bool) -> String? {
    guard !name.isEmpty else { return nil }
    return ([name] + (2...9).map { "\(name.prefix(30))-\($0)" }).first(where: isFree)
  }

  private func numbered(_ word: String, from number: Int, _ isFree: (String) -> Bool) -> String {
    (number...).lazy.map { "\(word)\($0)" }.first(where: isFree) ?? word
  }

  var manifests: (HostManifest, [GuestManifest]) {
    let host = HostManifest(
      metadata: Metadata(name: Located(options.host)), spec: HostManifest.Spec(nics: nics))
    var guests: [GuestManifest] = []
    for (manager, claim) in claims {
      if let index = guests.firstIndex(where: { $0.manager == manager }) {
        guests[index].spec.nics.append(claim)
        continue
      }
      func isFree(_ name: String) -> Bool { !guests.contains { $0.name == name } }
      let name =
        unused(nameWord(manager.shortName, "._-", upTo: 253), isFree)
        ?? numbered("guest", from: guests.count, isFree)
      var spec = GuestManifest.Spec(hosts: Located(.one(options.host)), nics: [claim])
      spec.setManager(manager, ofGuest: name, user: options.users[manager.name])
      guests.append(GuestManifest(metadata: Metadata(name: Located(name)), spec: spec))
    }
    return (host, guests)
  }
}

/// The name of a NIC that is made from its address.
func nicName(of address: PCIAddress) -> String {
  "pci-" + "\(address)".map { $0 == ":" || $0 == "." ? "-" : String($0) }.joined()
}

/// Returns the part of the text that names can consist of; empty if there is none.
///
/// - Parameter others: the characters of names other than letters and digits.
func nameWord(_ text: String, _ others: String, upTo length: Int) -> String {
  let letters = text.unicodeScalars.map { scalar in
    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      || others.unicodeScalars.contains(scalar) ? String(scalar) : "-"
  }
  let name = letters.joined().drop { others.contains($0) }.prefix(length)
  return isName(name, others, upTo: length) ? String(name) : ""
}

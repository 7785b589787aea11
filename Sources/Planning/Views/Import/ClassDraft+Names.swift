import Documents
import HostModel
import Manifests

/// Names in a class.
extension ClassDraft {
  /// Returns the name and the selector of each NIC, in the order of `nics`.
  ///
  /// The name is that of the interface if all hosts that show one show the same, and otherwise made from the
  /// selector.
  func entries() -> [Import.SharedEntry] {
    var entries: [Import.SharedEntry] = []
    for nic in nics {
      guard let select = nic.selectors.first else { continue }
      let interfaces = Set(
        nic.functions.values.filter { $0.name != nicName(of: $0.address) }.map(\.name))
      let name = interfaces.count == 1 ? interfaces.first : nil
      let base = name ?? Self.name(of: select, nic)
      let names = [base] + (2...999).map { "\(base.prefix(28))-\($0)" }
      let free = names.first { name in !entries.contains { $0.name == name } }
      entries.append(Import.SharedEntry(name: free ?? base, select: select))
    }
    return entries
  }

  private static func name(of select: Selector, _ nic: SharedNIC) -> String {
    let address = nic.functions.min { $0.key < $1.key }?.value.address
    if let slot = select.slot, let port = select.port {
      let isNumber = slot.utf8.first.map { $0 &- UInt8(ascii: "0") < 10 } ?? false
      let word = nameWord((isNumber ? "slot" : "") + slot, "_-", upTo: 26)
      return "\(word.isEmpty ? "slot" : word)-\(port)"
    }
    return address.map { nicName(of: $0) } ?? "nic"
  }

  /// Returns a name for the class that is not taken: vendor and model of most of its NICs, or a number.
  ///
  /// - Parameter hosts: all hosts, by number.
  func name(_ hosts: [HostIndex], besides taken: Set<String>) -> String {
    var counts: [String: Int] = [:]
    var models: [String] = []
    for nic in nics {
      guard let (number, function) = nic.functions.min(by: { $0.key < $1.key }),
        let model = hosts[number].functions[function.address]?.model
      else { continue }
      if counts[model] == nil { models.append(model) }
      counts[model, default: 0] += 1
    }
    let most = models.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) }
    let first = models.first { counts[$0] == most.flatMap { counts[$0] } }
    let names = (1...).lazy.map { number in
      first.map { number == 1 ? $0 : "\($0)-\(number)" } ?? "class-\(number)"
    }
    return names.first { !taken.contains($0) } ?? "class"
  }
}

extension PCIFunction {
  /// Vendor and model as one word: `intel-82576` for "Intel Corporation 82576 Gigabit Network Connection",
  /// `mellanox-connectx-5` for "Mellanox Technologies MT27800 Family [ConnectX-5]". Nil if the name does not
  /// show both.
  fileprivate var model: String? {
    guard let name = name?.lowercased() else { return nil }
    func words(_ text: some StringProtocol) -> [String] {
      text.split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")) })
        .map { String($0) }
    }
    guard let vendor = words(name).first else { return nil }
    let product = name.split(separator: "[").dropFirst().last.map { words($0.prefix { $0 != "]" }) } ?? []
    // The number of a model has more digits than a speed or a revision.
    let model =
      product.isEmpty
      ? words(name).dropFirst().first { word in word.count(where: \.isNumber) >= 3 }
      : product.prefix(3).joined(separator: "-")
    guard let model else { return nil }
    let word = nameWord("\(vendor)-\(model)", "-", upTo: 40)
    return word.isEmpty ? nil : word
  }
}

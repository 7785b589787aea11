import Documents
import HostModel

/// Host functions in arguments for QEMU, such as `-device vfio-pci,host=03:00.0`. libvirt passes
/// these arguments to QEMU and does not manage the devices.
enum DeviceArgument {
  /// The host devices in the arguments of a domain.
  static func hostdevs(in arguments: [String]) -> [Hostdev] {
    zip(arguments, arguments.dropFirst()).compactMap { name, value in
      name == "-device" || name == "--device" ? hostdev(value) : nil
    }
  }

  private static let models: Set = [
    "vfio-pci", "vfio-pci-nohotplug", "pci-assign", "kvm-pci-assign",
  ]

  private static func hostdev(_ value: String) -> Hostdev? {
    let properties = value.hasPrefix("{") ? properties(ofJSON: value) : properties(ofWords: value)
    guard let model = properties["driver"], models.contains(model),
      let address = properties["host"].flatMap(address)
        ?? properties["sysfsdev"]?.split(separator: "/").last.flatMap({ PCIAddress(String($0)) })
    else { return nil }
    return Hostdev(
      address: address, alias: properties["id"].flatMap { isAlias($0) ? $0 : nil }, isManaged: false,
      driver: model, failoverPartner: properties["failover_pair_id"].flatMap { isAlias($0) ? $0 : nil },
      isCommandLineArgument: true)
  }

  /// `vfio-pci,host=03:00.0,id=nic`
  private static func properties(ofWords value: String) -> [String: String] {
    let parts = divided(value, at: ",").map(String.init)
    var result = ["driver": parts.first ?? ""]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if pair.count == 2 { result[pair[0]] = pair[1] }
    }
    return result
  }

  /// `{"driver": "vfio-pci", "host": "0000:03:00.0"}`
  private static func properties(ofJSON value: String) -> [String: String] {
    let source = Source(name: "an argument", text: Array(value.utf8))
    guard let node = try? JSONReader.document(of: source), case .mapping(let members) = node.content else {
      return [:]
    }
    return members.reduce(into: [:]) { result, member in
      if let text = member.value.string { result[member.key] = text }
    }
  }

  /// Parses an address as QEMU does: without a domain it is in domain 0, and leading zeros may be left out.
  private static func address(_ text: String) -> PCIAddress? {
    let parts = divided(text, at: ":").map(String.init)
    guard let last = parts.last.map({ divided($0, at: ".").map(String.init) }), last.count == 2,
      (2...3).contains(parts.count)
    else { return nil }
    let texts = (parts.count == 2 ? ["0"] : []) + parts.dropLast() + last
    let numbers = texts.compactMap { UInt32($0, radix: 16) }
    guard numbers.count == 4 else { return nil }
    return PCIAddress(domain: numbers[0], bus: numbers[1], device: numbers[2], function: numbers[3])
  }
}

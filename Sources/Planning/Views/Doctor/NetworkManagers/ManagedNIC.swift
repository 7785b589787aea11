import Glibc
import HostModel

/// Whether a NIC meets a condition in the configuration of a network manager. A condition about a fact that is not
/// known is unknown, with the reason.
enum ConditionResult: Equatable {
  case met, notMet
  case unknown(String)

  static func all(_ results: [ConditionResult]) -> ConditionResult {
    results.contains(.notMet) ? .notMet : results.first { $0 != .met } ?? .met
  }

  static func any(_ results: [ConditionResult]) -> ConditionResult {
    results.contains(.met) ? .met : results.first { $0 != .notMet } ?? .notMet
  }

  static prefix func ! (result: ConditionResult) -> ConditionResult {
    switch result {
    case .met: .notMet
    case .notMet: .met
    case .unknown: result
    }
  }
}

/// What network managers see of a NIC while it is at the host.
struct ManagedNIC {
  let function: PCIFunction
  /// The name of its interface, or the one that udev will give to the interface of a VF. A function can have
  /// several interfaces.
  let names: [String]
  /// The alternative names of its interface.
  let altnames: [String]
  /// Whether the names are expected, not observed.
  let hasExpectedNames: Bool
  /// The MAC addresses that it can have; nil if they are not known.
  let macs: [MACAddress]?

  init(_ function: PCIFunction, _ host: HostIndex) {
    self.function = function
    let observed = function.interfaceNames
    let all = observed.isEmpty ? Self.expectedNames(of: function, host) : function.interfaceNamesAndAltnames
    let names = observed.isEmpty ? Array(all.prefix(1)) : observed
    self.names = names
    altnames = all.filter { !names.contains($0) }
    hasExpectedNames = observed.isEmpty && !names.isEmpty
    var macs = function.interfacesInHostNamespace.flatMap { [$0.mac, $0.permanentMAC] }.compactMap { $0 }
    if let mac = function.permanentMAC { macs.append(mac) }
    if case .known(let settings)? = function.virtualFunction?.settings {
      // A VF without an administrative MAC address gets a random one, which no file can name.
      if let mac = settings.mac, !mac.isZero { macs.append(mac) }
      self.macs = macs
    } else {
      self.macs = macs.isEmpty ? nil : macs
    }
  }

  /// udev names the interface of a VF after its PF, with the index of the VF. Interfaces that keep the name of the
  /// kernel (`eth0`) have no such name.
  private static func expectedNames(of function: PCIFunction, _ host: HostIndex) -> [String] {
    guard let place = function.virtualFunction, let physical = host.functions[place.physicalFunction] else {
      return []
    }
    return physical.interfaceNamesAndAltnames.compactMap { name in
      let digits = { (text: Substring) in !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber } }
      if name.hasPrefix("eth") || name.hasPrefix("ib"), digits(name.drop { $0.isLetter }) { return nil }
      // The name of a port (`np0`) belongs to the PF only.
      var base = Substring(name)
      let port = base.reversed().prefix { $0.isASCII && $0.isNumber }.count
      if port > 0, base.dropLast(port).hasSuffix("np") { base = base.dropLast(port + 2) }
      return "\(base)v\(place.index)"
    }
  }

  var isVF: Bool { function.virtualFunction != nil }
  var path: String { "pci-\(function.address)" }
  var driver: String? {
    function.nativeDriver ?? (Drivers.isNative(function.driver) ? function.driver : nil)
  }
  var label: String { "\(function.address)" + (names.first.map { " (\($0))" } ?? "") }

  /// Whether the NIC is for Ethernet or for InfiniBand; unknown for other classes, such as Wi-Fi.
  func isOf(_ type: InterfaceType) -> ConditionResult {
    switch function.deviceClass.code >> 8 {
    case 0x0200: type == .ethernet ? .met : .notMet
    case 0x0207: type == .infiniBand ? .met : .notMet
    default: type == .other ? .notMet : .unknown("the type of \(function.address) is not known")
    }
  }

  enum InterfaceType { case ethernet, infiniBand, other }

  /// Whether the interface has this name.
  func isNamed(_ name: String) -> ConditionResult {
    names.contains(name) ? .met : names.isEmpty ? .unknown(namesAreUnknown) : .notMet
  }

  private var namesAreUnknown: String { "the interface name of \(function.address) is not known" }

  func hasName(like pattern: String) -> ConditionResult {
    pattern == "*" ? .met : names.isEmpty ? .unknown(namesAreUnknown) : Self.match(pattern, names)
  }

  /// Whether the interface has a name or an alternative name like this. systemd looks at both.
  func hasNameOrAltname(like pattern: String) -> ConditionResult {
    .any([hasName(like: pattern), Self.match(pattern, altnames)])
  }

  func hasMAC(_ mac: MACAddress) -> ConditionResult {
    guard let macs else { return .unknown("the MAC address of \(function.address) is not known") }
    return macs.contains(mac) ? .met : .notMet
  }

  func hasDriver(like pattern: String) -> ConditionResult {
    guard let driver else {
      return pattern == "*" ? .met : .unknown("the native driver of \(function.address) is not known")
    }
    return Self.match(pattern, [driver])
  }

  /// Matches as fnmatch(3), whose time grows with each wildcard. Longer patterns are therefore not evaluated.
  static func match(_ pattern: String, _ texts: [String]) -> ConditionResult {
    guard pattern.utf8.count <= 255, pattern.utf8.count(where: { $0 == UInt8(ascii: "*") }) <= 8 else {
      return .unknown("a pattern is too long")
    }
    return texts.contains { fnmatch(pattern, $0, 0) == 0 } ? .met : .notMet
  }
}

/// What a network manager does with a NIC while it is at the host.
enum NetworkControl {
  /// It configures the NIC, because of these lines; with the remedy.
  case configures([String], help: String)
  /// It leaves the NIC alone, for this reason.
  case leaves(String)
  case unknown(String)
}

import Foundation
import HostModel
import Oracle
import Planning
import TestSupport

/// Documents for the simulated world, and what they say in the oracle's words.
struct WorldDocuments {
  private(set) var text: String
  var declared = Declared()
  var prune: Bool

  static let ports = ["03:00.0", "03:00.1", "04:00.0", "04:00.1", "05:00.0", "06:00.0"]
  private static let pools = [4, 5]
  private static let socket = "/run/q.sock"

  /// - Parameter isReversed: the same documents in another order.
  func request(isReversed: Bool = false) -> Request {
    let documents = text.components(separatedBy: "---\n").filter { !$0.isEmpty }
    let ordered = isReversed ? documents.reversed() : documents
    return TestSupport.request(ordered.map { "---\n" + $0 }.joined(), prune: prune)
  }

  private var host = ""
  private var claimable: [Claimable] = []

  /// Something that a guest may claim, and where that is.
  private struct Claimable {
    var reference: String
    var address: PCIAddress
    var isVF = false
  }

  init(_ dice: inout Dice) {
    prune = dice.chance(20)
    text = ""
    var free: [Claimable] = []
    var nics: [String] = []
    for (number, port) in Self.ports.enumerated() where dice.chance(80) {
      nics += nic(number, port, &free, &dice)
    }
    host = TestSupport.host(nics.joined(separator: "\n"))
    claimable = free
    assign(&dice)
  }

  /// The same NICs in other guests.
  mutating func assign(_ dice: inout Dice) {
    var free = claimable
    text = host
    declared.claims = [:]
    // Now and then the folder of the guests is forgotten.
    let isForgotten = dice.chance(8)
    for number in 1...4 where !isForgotten && dice.chance(75) { text += guest(number, &free, &dice) }
  }

  private mutating func nic(
    _ number: Int, _ port: String, _ free: inout [Claimable], _ dice: inout Dice
  ) -> [String] {
    let mayBePool = Self.pools.contains(number)
    let parts = mayBePool ? Self.parts(of: port) : []
    declared.named.formUnion([pci(port)] + parts)
    var words = "name: nic\(number), select: {address: '0000:\(port)'}"
    if dice.chance(12) {
      words += ", allow: [host-network, foreign-owner], because: agreed"
      declared.allowed.formUnion([pci(port)] + parts)
    }
    guard mayBePool, dice.chance(65) else {
      if dice.chance(15) { words += ", reserve: true" }
      if dice.chance(60) { free.append(Claimable(reference: "nic\(number)", address: pci(port))) }
      return [words]
    }
    let count = dice.number(0..<4)
    free += (0..<count).map { Claimable(reference: "nic\(number)/\($0)", address: parts[$0], isVF: true) }
    words += ", virtualFunctions: {count: \(count)}"
    // A VF may be named by its own address, too.
    guard count == 0, dice.chance(40) else { return [words] }
    free.append(Claimable(reference: "part\(number)", address: parts[0]))
    return [words, "name: part\(number), select: {address: '\(parts[0])'}"]
  }

  private mutating func guest(_ number: Int, _ free: inout [Claimable], _ dice: inout Dice) -> String {
    let isQEMU = number == 4
    let domain = isQEMU ? Self.socket : ["a", "b", "c"][number - 1]
    // A Guest may be called as another domain is.
    let name = isQEMU ? "q" : number == 3 && dice.chance(30) ? "web" : domain
    var claims: [String] = []
    declared.claims[domain] = []
    for index in 0..<dice.number(0..<3) where !free.isEmpty {
      let nic = free.remove(at: dice.number(0..<free.count))
      var words = "name: n\(index), from: \(nic.reference)"
      var claim = Declared.Claim(address: nic.address)
      if nic.isVF, dice.chance(60), let mac = Sign.mac(of: number, index) {
        claim.mac = mac
        words += ", mac: '\(mac)'"
        if dice.chance(50) {
          claim.vlan = Sign.vlan(of: number, index)
          words += ", vlan: \(Sign.vlan(of: number, index))"
        }
      }
      if !isQEMU {
        words +=
          nic.isVF && dice.chance(40)
          ? ", as: interface"
          : dice.one("", "", "", ", managed: false", ", bind: on-start", ", hotplug: false")
      }
      claims.append(words)
      declared.claims[domain]?.append(claim)
    }
    return TestSupport.guest(
      name, claims.joined(separator: "\n"),
      isQEMU ? "qemu: {qmp: \(Self.socket)}" : "libvirt: {domain: \(domain)}")
  }

  /// Where the VFs of a port are, as many as it can have.
  private static func parts(of port: String) -> [PCIAddress] {
    (0..<7).map { pci(port.replacingOccurrences(of: ":00.0", with: ":1\($0 / 4).\($0 * 2 % 8)")) }
  }
}

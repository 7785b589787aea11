import Foundation
import HostModel
import Oracle
import Planning
import TestSupport

/// Random manifests for the simulated world, with their declarations for the oracle.
struct WorldDocuments {
  private(set) var text = ""
  private(set) var declared = Declared()
  let prune: Bool
  /// The request of the manifests, and that of the same documents in reverse order.
  private(set) var request: Request
  private(set) var reversed: Request

  static let ports = ["03:00.0", "03:00.1", "04:00.0", "04:00.1", "05:00.0", "06:00.0"]
  private static let pools = [4, 5]
  private static let socket = "/run/q.sock"
  /// The number of the guest that is a QEMU without libvirt.
  private static let qemu = 4

  private let host: String
  private let claimable: [Claimable]
  private var guests: [Int: [Claim]] = [:]
  /// The name of the third Guest manifest. It may equal the name of another domain.
  private let thirdName: String

  /// A NIC or VF that a guest may claim.
  private struct Claimable {
    var reference: String
    var address: PCIAddress
    var isVF = false
  }

  private struct Claim {
    var nic: Claimable
    /// Its index among the claims of its guest.
    var index: Int
    var mac: MACAddress?
    var vlan: Int?
    var form = ""
  }

  init(_ dice: inout Dice) {
    prune = dice.chance(20)
    thirdName = dice.chance(30) ? "web" : "c"
    var free: [Claimable] = []
    var nics: [String] = []
    for (number, port) in Self.ports.enumerated() where dice.chance(number % 2 == 0 ? 80 : 65) {
      nics += Self.nic(number, port, &free, &declared, &dice)
    }
    host = TestSupport.host(nics.joined(separator: "\n"))
    claimable = free
    request = TestSupport.request(host)
    reversed = request
    assign(&dice)
  }

  // MARK: Changes by an operator

  /// Assigns the NICs to guests from scratch.
  mutating func assign(_ dice: inout Dice) {
    var free = claimable
    guests = [:]
    // Sometimes the Guest manifests are missing, as if the operator had forgotten their folder.
    let isForgotten = dice.chance(8)
    for number in 1...4 where !isForgotten && dice.chance(75) {
      guests[number] = []
      for _ in 0..<dice.number(0..<3) where !free.isEmpty {
        let nic = free.remove(at: dice.number(0..<free.count))
        claim(nic, by: number, &dice)
        // Often a guest claims both ports of a card.
        if let other = free.firstIndex(where: { Self.areOfOneCard($0, nic) }), dice.chance(70) {
          claim(free.remove(at: other), by: number, &dice)
        }
      }
    }
    render()
  }

  /// Moves a NIC from a guest to another one, or removes it.
  mutating func move(_ dice: inout Dice) {
    let owners = guests.keys.sorted().filter { guests[$0]?.isEmpty == false }
    guard !owners.isEmpty else { return assign(&dice) }
    let owner = owners[dice.number(0..<owners.count)]
    guard var claims = guests[owner] else { return }
    let claim = claims.remove(at: dice.number(0..<claims.count))
    guests[owner] = claims
    let others = guests.keys.sorted().filter { $0 != owner }
    if !others.isEmpty, dice.chance(70) {
      self.claim(claim.nic, by: others[dice.number(0..<others.count)], &dice)
    }
    render()
  }

  /// Removes the claims of these NICs.
  mutating func drop(_ refused: Set<String>) {
    for number in guests.keys { guests[number]?.removeAll { refused.contains($0.nic.reference) } }
    render()
  }

  // MARK: Creation

  private static func areOfOneCard(_ one: Claimable, _ other: Claimable) -> Bool {
    !one.isVF && !other.isVF && one.address.bus == other.address.bus && one.address.device == 0
      && other.address.device == 0
  }

  private static func nic(
    _ number: Int, _ port: String, _ free: inout [Claimable], _ declared: inout Declared, _ dice: inout Dice
  ) -> [String] {
    let mayBePool = pools.contains(number)
    let parts = mayBePool ? parts(of: port) : []
    declared.named.formUnion([pci(port)] + parts)
    var words = "name: nic\(number), select: {address: '0000:\(port)'}"
    if dice.chance(12) {
      words += ", allow: [host-network, ownership], because: agreed"
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
    // A NIC entry may also select a VF by its own address.
    guard count == 0, dice.chance(40) else { return [words] }
    free.append(Claimable(reference: "part\(number)", address: parts[0]))
    return [words, "name: part\(number), select: {address: '\(parts[0])'}"]
  }

  private mutating func claim(_ nic: Claimable, by number: Int, _ dice: inout Dice) {
    let used = Set((guests[number] ?? []).map(\.index))
    let index = (0...used.count).first { !used.contains($0) } ?? 0
    var claim = Claim(nic: nic, index: index)
    if nic.isVF, dice.chance(60) {
      claim.mac = GuestNumbering.mac(of: number, index)
      if dice.chance(50) { claim.vlan = GuestNumbering.vlan(of: number, index) }
    }
    if number != Self.qemu {
      claim.form =
        nic.isVF && dice.chance(40)
        ? ", as: interface" : dice.one("", "", "", ", managed: false", ", bind: on-start", ", hotplug: false")
    }
    guests[number, default: []].append(claim)
  }

  private mutating func render() {
    declared.claims = [:]
    var documents = [host]
    for number in guests.keys.sorted() {
      let claims = guests[number] ?? []
      let domain = number == Self.qemu ? Self.socket : ["a", "b", "c"][number - 1]
      let name = number == Self.qemu ? "q" : number == 3 ? thirdName : domain
      declared.claims[domain] = claims.map {
        Declared.Claim(address: $0.nic.address, mac: $0.mac, vlan: $0.vlan)
      }
      let lines = claims.map { claim in
        "name: n\(claim.index), from: \(claim.nic.reference)" + (claim.mac.map { ", mac: '\($0)'" } ?? "")
          + (claim.vlan.map { ", vlan: \($0)" } ?? "") + claim.form
      }
      documents.append(
        TestSupport.guest(
          name, lines.joined(separator: "\n"),
          number == Self.qemu ? "qemu: {qmp: \(Self.socket)}" : "libvirt: {domain: \(domain)}"))
    }
    text = documents.joined()
    request = TestSupport.request(text, prune: prune)
    reversed = TestSupport.request(documents.reversed().joined(), prune: prune)
  }

  /// The addresses of all seven possible VFs of a port.
  private static func parts(of port: String) -> [PCIAddress] {
    (0..<7).map { pci(port.replacingOccurrences(of: ":00.0", with: ":1\($0 / 4).\($0 * 2 % 8)")) }
  }
}

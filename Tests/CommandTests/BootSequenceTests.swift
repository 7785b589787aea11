import Foundation
import TestSupport
import Testing

/// Random commands on a host whose guests are off, then a reboot. PCIPASS_SOAK=N tests N times as many.
@Suite("After any final commands and a reboot")
struct BootSequenceTests {
  /// What a guest would get of the host: each function on vfio-pci with its settings, and the number of VFs.
  private struct Half: Equatable, CustomStringConvertible {
    var functions: [String: String] = [:]

    init(_ state: [String: Any]) {
      for function in state["functions"] as? [[String: Any]] ?? [] {
        let address = function["address"] as? String ?? ""
        if let count = (function["sriov"] as? [String: Any])?["count"] as? Int {
          functions[address] = "\(count)"
        }
        guard function["driver"] as? String == "vfio-pci" else { continue }
        let place = function["virtualFunction"] as? [String: Any]
        let settings = place?["settings"] as? [String: Any] ?? [:]
        functions[address] = "vfio-pci \(settings["mac"] ?? "") \(settings["vlan"] ?? "")"
      }
    }

    var description: String {
      functions.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    }
  }

  private static func manifest(_ dice: inout Dice) -> String {
    var guests: [String] = []
    for (name, domain) in [("winxp", "winxp"), ("web", "web-1")] where !dice.chance(20) {
      var nics: [String] = []
      let start = name == "winxp" ? 0 : 2
      for index in start..<start + 2 where dice.chance(60) {
        nics.append(
          "{name: n\(index), from: pool/\(index), mac: '52:54:00:00:00:0\(index)', vlan: \(dice.one(110, 120, 130))}"
        )
      }
      if name == "web", dice.chance(60) { nics.append("{name: lan, from: lan}") }
      guests.append(
        """
        apiVersion: pcipass/v1
        kind: Guest
        metadata: {name: \(name)}
        spec: {host: hv01, libvirt: {domain: \(domain)}, nics: [\(nics.joined(separator: ", "))]}
        """)
    }
    let host = """
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv01}
      spec:
        nics:
          - {name: pool, select: {address: '0000:02:00.0'}, virtualFunctions: {count: 4}}
          - {name: lan, select: {address: '0000:03:00.0'}\(dice.chance(20) ? ", reserve: true" : "")}
      """
    return ([host] + guests).joined(separator: "\n---\n")
  }

  @Test("the host's half is as it was after the last of them, and without what was not confirmed")
  func sequences() throws {
    var compared = 0
    for seed in 0..<(25 * soak) {
      var dice = Dice(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
      let host = try BootedHost()
      try change(host.path) { host in
        var guests = try #require(host["libvirt"] as? [[String: Any]])
        for index in guests.indices {
          guests[index]["run"] = "shutoff"
          guests[index].removeValue(forKey: "live")
        }
        host["libvirt"] = guests
      }
      var transcript: [String] = []
      func run(_ words: String...) throws -> Int32 {
        let result = try Pcipass.run(words + ["--simulate", host.path])
        transcript.append(words.joined(separator: " ") + " # \(result.status) \(result.error.prefix(300))")
        return result.status
      }
      var final = Half(try host.state())
      var waiting: Int?
      for number in 1...Int.random(in: 2...7, using: &dice) {
        switch dice.number(0..<10) {
        case 0..<6 where waiting == nil:
          let text = Self.manifest(&dice)
          transcript.append(text)
          let file = try host.folder.write(text, to: "\(number).yaml")
          let more = dice.one(
            [], [], ["--target", "nic/lan"], ["--target", "nic/pool"], ["--target", "guest/web"])
          let isWatched = dice.chance(30)
          let words = ["apply", file, "--yes"] + more + (isWatched ? ["--confirm-within", "24h"] : [])
          let result = try Pcipass.run(words + ["--simulate", host.path])
          transcript.append(words.joined(separator: " ") + " # \(result.status) \(result.error.prefix(300))")
          guard result.status == 0 else { continue }
          if isWatched, try Pcipass.run(["status", file, "--simulate", host.path]).status == 6 {
            waiting = number
          }
          if waiting == nil { final = Half(try host.state()) }
        case 6..<8 where waiting == nil:
          let more = dice.one("nic/lan", "guest/winxp", "")
          let words = ["rollback", "--yes"] + (more.isEmpty ? [] : ["--target", more])
          let result = try Pcipass.run(words + ["--simulate", host.path])
          transcript.append(words.joined(separator: " ") + " # \(result.status) \(result.error.prefix(300))")
          if result.status == 0 { final = Half(try host.state()) }
        default:
          guard waiting != nil else { continue }
          if dice.chance(40) { _ = try run("rollback", "--yes", "--target", dice.one("nic/lan", "nic/pool")) }
          let status = dice.chance(70) ? try run("confirm") : try run("rollback", "--yes")
          guard status == 0 else { continue }
          waiting = nil
          final = Half(try host.state())
        }
      }
      let reboot = try host.boot("--reboot")
      let now = Half(try host.state())
      compared += final.functions.count > 4 ? 1 : 0
      guard reboot.status == 0, now == final else {
        Issue.record(
          "seed \(seed): \(reboot)\n\(transcript.joined(separator: "\n"))\nwas:\n\(final)\nis:\n\(now)")
        return
      }
    }
    #expect(compared > 5, "there is nearly nothing to set up: \(compared)")
  }
}

extension Dice {
  fileprivate mutating func number(_ range: Range<Int>) -> Int { .random(in: range, using: &self) }
  fileprivate mutating func chance(_ percent: Int) -> Bool { number(0..<100) < percent }
  fileprivate mutating func one<Value>(_ values: Value...) -> Value { values[number(0..<values.count)] }
}

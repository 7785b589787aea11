import Documents
import Foundation
import HostModel
import TestSupport
import Testing

@testable import Hosts

/// Checks on damaged XML what holds for every domain XML. PCIPASS_SOAK=N tries N times as many.
@Suite("Editing any domain XML")
struct DomainEditPropertyTests {
  private static let pieces = [
    "<hostdev mode='subsystem' type='pci'><source><address bus='3' slot='0'/></source></hostdev>",
    "<hostdev mode='subsystem' type='pci'><source><address bus='4' slot='0'/></source>"
      + "<alias name='ua-pcipass-old'/></hostdev>",
    "<alias name='ua-pcipass-lan'/>", "<!-- -->", "<![CDATA[</devices>]]>", "<devices/>", "managed='yes'",
    "\r\n", "\t", "é", "<address type='pci' bus='1' slot='0'/>",
  ]
  private static let domain = """
    <domain type='kvm'>
      <devices>
        <disk type='file'/>
        <hostdev mode='subsystem' type='pci' managed='no'>
          <source>
            <address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
          </source>
          <rom bar='off'/>
        </hostdev>
      </devices>
    </domain>

    """

  private let wanted = [
    Hostdev(address: pci("0000:03:00.0"), alias: "ua-pcipass-lan", isManaged: true),
    Hostdev(address: pci("0000:05:00.0"), alias: "ua-pcipass-dmz", isManaged: false),
  ]

  @Test("An accepted edit has the wanted devices, and a second edit changes nothing")
  func settled() throws {
    var taken = 0
    for seed in 0..<(4000 * soak) {
      var dice = Dice(seed: UInt64(seed))
      let text = Self.mutant(&dice)
      guard let edited = try? DomainEdit.document(text, name: "a", having: wanted) else { continue }
      taken += 1
      let shown = "seed \(seed): \(String(decoding: text, as: UTF8.self))"
      let hostdevs = try DomainXML(edited, of: "a").hostdevs
      for device in wanted {
        #expect(
          hostdevs.contains { $0.address == device.address && $0.alias == device.alias },
          Comment(rawValue: shown))
      }
      #expect(
        try DomainEdit.document(edited, name: "a", having: wanted) == edited, Comment(rawValue: shown))
    }
    #expect(taken > 400, "most are refused: \(taken)")
  }

  private static func mutant(_ dice: inout Dice) -> [UInt8] {
    var text = Array(domain.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &dice) {
      let at = Int.random(in: 0..<text.count, using: &dice)
      switch Int.random(in: 0..<4, using: &dice) {
      case 0: text[at] = UInt8.random(in: 0...255, using: &dice)
      case 1: text.removeSubrange(at..<min(text.count, at + Int.random(in: 1...20, using: &dice)))
      default: text.insert(contentsOf: (pieces.randomElement(using: &dice) ?? "").utf8, at: at)
      }
    }
    return text
  }
}

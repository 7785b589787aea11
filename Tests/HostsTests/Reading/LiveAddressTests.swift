import Documents
import Foundation
import Testing

@testable import Hosts

@Suite("Addresses of the running kernel")
struct LiveAddressTests {
  @Test("are those that ip(8) prints", .enabled(if: access("/usr/sbin/ip", X_OK) == 0)) func agreement()
    throws
  {
    let printed = try Command.output(
      "/usr/sbin/ip", ["-details", "-json", "address", "show"], upTo: 1 << 20, within: .seconds(5))
    let expected = try InterfaceAddresses(Source(name: "ip", text: printed)).links
    let found = try LiveAddresses.read()
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, link) in expected {
      #expect(found[name]?.addresses == link.addresses, "\(name)")
      #expect(found[name]?.all == link.all, "\(name)")
    }
    #expect(found["lo"]?.addresses.first == "127.0.0.1/8")
  }

  @Test("an interface without hardware has no permanent one, nor has one that is not there")
  func permanent() {
    #expect(LiveAddresses.permanentMAC(of: "lo") == nil)
    #expect(LiveAddresses.permanentMAC(of: "no-such-name-0") == nil)
    #expect(LiveAddresses.permanentMAC(of: String(repeating: "x", count: 400)) == nil)
  }
}

import Testing

@testable import Hosts

@Suite("IP addresses")
struct IPAddressTests {
  @Test(
    "An address is printed in its usual form",
    arguments: [
      ("192.0.2.10", "192.0.2.10"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
      ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("fe80::92e2:baff:fe00:cdee", "fe80::92e2:baff:fe00:cdee"),
      ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
  func shown(text: String, expected: String) { #expect(IPAddress(text)?.description == expected) }

  @Test("An IPv4-mapped IPv6 address equals the IPv4 address")
  func mapped() {
    #expect(IPAddress("::ffff:192.0.2.10") == IPAddress("192.0.2.10"))
    #expect(IPAddress("::ffff:192.0.2.10")?.description == "192.0.2.10")
    #expect(IPAddress("::192.0.2.10") != IPAddress("192.0.2.10"))
  }

  @Test(
    "Other text is not an address",
    arguments: [
      "", " 192.0.2.10", "192.0.2.10 ", "192.0.2", "192.0.2.256", "192.0.2.010", "0xC0000201",
      "192.0.2.10/24",
      "fe80::1%eth0", "2001:db8:::1", "1:2:3:4:5:6:7:8:9", "UNKNOWN", "::1\u{0}", "192.0.2.1\u{0}",
    ])
  func none(text: String) { #expect(IPAddress(text) == nil) }

  @Test("An address has 4 or 16 bytes, in network order")
  func bytes() {
    #expect(IPAddress([192, 0, 2, 10])?.description == "192.0.2.10")
    #expect(
      IPAddress([0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1])?.description == "2001:db8::1")
    for count in 0...20 where count != 4 && count != 16 {
      #expect(IPAddress([UInt8](repeating: 1, count: count)) == nil)
    }
  }

  @Test("Loopback and link-local addresses are recognised")
  func reach() {
    for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
      #expect(IPAddress(text)?.isLoopback == true)
    }
    for text in ["128.0.0.1", "::2", "::7f00:1", "fe80::1"] { #expect(IPAddress(text)?.isLoopback == false) }
    for text in ["fe80::1", "febf::1"] { #expect(IPAddress(text)?.isLinkLocal == true) }
    for text in ["fec0::1", "fe7f::1", "169.254.0.1", "::1"] {
      #expect(IPAddress(text)?.isLinkLocal == false)
    }
  }

  @Test(
    "/proc/net/tcp has addresses in the byte order of the processor",
    arguments: [
      ("0A0200C0", true, "192.0.2.10"), ("C000020A", false, "192.0.2.10"), ("0100007F", true, "127.0.0.1"),
      ("B80D0120000000000000000001000000", true, "2001:db8::1"),
      ("20010DB8000000000000000000000001", false, "2001:db8::1"),
      ("000080FE00000000FFBAE292EECD00FE", true, "fe80::92e2:baff:fe00:cdee"),
      ("0000000000000000FFFF00000A0200C0", true, "192.0.2.10"),
      ("00000000000000000000FFFFC000020A", false, "192.0.2.10"),
      ("0A0200C", true, nil), ("0A0200C00", true, nil), ("0A0200CX", true, nil), ("+A0200C0", true, nil),
      ("", true, nil), ("0A0200C00A0200C0", true, nil),
    ])
  func words(digits: String, isLittleEndian: Bool, expected: String?) {
    let read = withBytes(digits) { IPAddress(words: $0, isLittleEndian: isLittleEndian) }
    #expect(read?.description == expected)
  }

  @Test("/proc/net/if_inet6 has addresses as 32 digits")
  func digits() {
    #expect(
      withBytes("20010db8000000000000000000000001") { IPAddress(digits: $0) }?.description == "2001:db8::1")
    for text in ["", "2", "20010db800000000000000000000000", "20010db800000000000000000000000x"] {
      #expect(withBytes(text) { IPAddress(digits: $0) } == nil)
    }
  }
}

func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  Array(text.utf8).withUnsafeBufferPointer(body)
}

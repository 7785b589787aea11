import Files
import Testing

@testable import Hosts

/// Lines that Linux 6.12 wrote in the lab: the listening sshd, a session from 192.0.2.9, one over
/// link-local addresses, one of IPv4 on an IPv6 socket, and a connection that has ended.
enum TCPText {
  static let header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
    + "                                                     \n"
  static let listening =
    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 701 1"
    + " 0000000027daa7e4 100 0 0 10 0                       \n"
  static let session =
    "   2: 0A0200C0:0016 090200C0:C738 01 00000000:00000000 02:000AFBAA 00000000     0        0 711 3"
    + " 00000000747583a0 20 4 16 10 -1                      \n"
  static let ended =
    "   4: 0A0200C0:0016 090200C0:C739 06 00000000:00000000 03:00001494 00000000     0        0 0 3"
    + " 0000000038d020aa                                      \n"
  static let header6 =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr"
    + " tm->when retrnsmt   uid  timeout inode\n"
  static let linkLocal =
    "   2: 000080FE00000000FFBAE292EECD00FE:0016 000080FE00000000FFBAE292EECD00FE:E620 01 0000006C:00000000"
    + " 01:00000012 00000000     0        0 867 3 00000000e1be2232 20 4 13 10 -1\n"
  static let mapped =
    "   3: 0000000000000000FFFF00000A0200C0:0016 0000000000000000FFFF0000090200C0:C73A 01 00000000:00000000"
    + " 02:000AFBAA 00000000     0        0 912 3 00000000e1be2233 20 4 13 10 -1\n"
}

@Suite("The kernel's TCP tables")
struct TCPTableTests {
  private func table(_ tcp: String?, _ tcp6: String?) throws -> TCPTable {
    let files = try SysfsTree()
    if let tcp { try files.write("proc/net/tcp", tcp) }
    if let tcp6 { try files.write("proc/net/tcp6", tcp6) }
    return TCPTable(try Tree(files.root), Scratch(capacity: 64 << 10))
  }

  @Test("list the established connections of both families")
  func both() throws {
    let table = try table(
      TCPText.header + TCPText.listening + TCPText.session + TCPText.ended,
      TCPText.header6 + TCPText.linkLocal + TCPText.mapped)
    #expect(table.problem == nil)
    #expect(table.established.map(\.inode) == [711, 867, 912])
    #expect(
      table.established.map(\.connection.description) == [
        "192.0.2.9 port 51000 to 192.0.2.10 port 22",
        "fe80::92e2:baff:fe00:cdee port 58912 to fe80::92e2:baff:fe00:cdee port 22",
        "192.0.2.9 port 51002 to 192.0.2.10 port 22",
      ])
  }

  @Test(
    "are read as a big-endian processor writes them",
    arguments: [
      ("   2: C000020A:0016 C0000209:C738 01 0:0 02:0 00000000     0        0 711 3", true),
      (
        "   2: 00000000000000000000FFFFC000020A:0016 00000000000000000000FFFFC0000209:C738 01 0:0 02:0 0 0 0 711",
        true
      ),
      ("   2: 0A0200C0:0016 090200C0:C738 01 0:0 02:0 00000000     0        0 711 3", false),
    ])
  func bigEndian(line: String, isSame: Bool) {
    let entry = withBytes(line) { TCPTable.Socket(established: $0, isLittleEndian: false) }
    #expect((entry?.connection.description == "192.0.2.9 port 51000 to 192.0.2.10 port 22") == isSame)
  }

  @Test(
    "may have invalid lines, which are skipped",
    arguments: [
      "", " ", "   2:", "2: 0A0200C0:0016 090200C0:C738 01",
      "2: 0A0200C0:0016 090200C0:C738 01 0 0 0 0 0 0 3",
      "2: 0A0200C0:0016 090200C0:C738 01 0 0 0 0 0 -7", "2: 0A0200C0:0016 090200C0:C738 01 0 0 0 0 0 7x",
      "2: 0A0200C0:016 090200C0:C738 01 0 0 0 0 0 7", "2: 0A0200C0:00016 090200C0:C738 01 0 0 0 0 0 7",
      "2: 0A0200C0 090200C0:C738 01 0 0 0 0 0 7", "2: 0A0200C0:0016: 090200C0:C738 01 0 0 0 0 0 7",
      "2: 0A0200C:0016 090200C0:C738 01 0 0 0 0 0 7", "2: 0A0200C0:0016 090200C0:C738 1 0 0 0 0 0 7",
      "2: 0A0200C0:0016 090200C0:C738 011 0 0 0 0 0 7", "2: 0A0200C0:0016 090200C0:C73G 01 0 0 0 0 0 7",
      "2: 0A0200C0:0016 090200C0:C738 01 0 0 0 0 0 9999999999999999999999",
    ])
  func nonsense(line: String) throws {
    let table = try table(TCPText.header + line + "\n" + TCPText.session, nil)
    #expect(table.established.map(\.inode) == [711] && table.problem == nil)
  }

  @Test("may lack the IPv6 table; a missing IPv4 table is a problem")
  func absent() throws {
    #expect(try table(TCPText.session, nil).problem == nil)
    let table = try table(nil, TCPText.mapped)
    #expect(table.established.count == 1)
    #expect(table.problem?.hasSuffix("/proc/net/tcp: No such file or directory") == true)
  }

  @Test("are given up if a table has no end")
  func endless() throws {
    let files = try SysfsTree()
    try files.write("proc/net/tcp", TCPText.session)
    try #require(files.run("/usr/bin/truncate", ["-s", "65M", files.root + "/proc/net/tcp"]) == 0)
    let table = TCPTable(try Tree(files.root), Scratch(capacity: 64 << 10))
    #expect(table.established.count == 1)
    #expect(table.problem?.hasSuffix("/proc/net/tcp: File too large") == true)
  }
}

import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Hosts

private func connection(_ peer: String, _ local: String) throws -> TCPConnection {
  TCPConnection(
    local: TCPConnection.Endpoint(address: try #require(IPAddress(local)), port: 22),
    peer: TCPConnection.Endpoint(address: try #require(IPAddress(peer)), port: 51000))
}

@Suite("What rtnetlink is asked of a route to a peer")
struct PeerQuestionTests {
  @Test("addresses are of their own family, IPv4 on a socket of IPv6 too; ports choose a table as well")
  func question() throws {
    let question = Netlink.question(
      of: try connection("::ffff:192.0.2.9", "::ffff:198.51.100.1"), isForEntry: false)
    let route: [UInt8] = [2, 32, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let attributes =
      Sent.attribute(1, [192, 0, 2, 9]) + Sent.attribute(2, [198, 51, 100, 1]) + Sent.attribute(27, [6])
      + Sent.attribute(28, [0, 22]) + Sent.attribute(29, [0xC7, 0x38])
    #expect(question == route + attributes)
    let other = Netlink.question(of: try connection("2001:db8::9", "2001:db8::1"), isForEntry: true)
    #expect(Array(other[0..<3]) == [10, 128, 128])
    #expect(Array(other[8..<12]) == Sent.bytes(UInt32(0x2000)))
    #expect(other.count == 12 + 20 + 20 + 8 + 8 + 8)
  }
}

@Suite("By which interface the running kernel reaches a peer", .serialized)
struct LiveRouteTests {
  private static let netlink = Netlink(helper: KernelHelper())

  private static func route(toPeerOf session: SSHSession) throws -> PeerRoute {
    let names = try netlink.links().map { ($0.index, $0.name) }
    return LiveRoutes(netlink, Dictionary(names, uniquingKeysWith: { one, _ in one })).route(
      toPeerOf: session)
  }

  @Test(
    "is what ip(8) prints", .enabled(if: access("/usr/sbin/ip", X_OK) == 0),
    arguments: ["203.0.113.9", "2001:db8:9::9", "192.168.0.1"])
  func agreement(_ peer: String) throws {
    let isIPv4 = peer.contains(".")
    let address = try Self.netlink.addresses().lazy.map(\.address)
      .first { $0.bytes.count == (isIPv4 ? 4 : 16) && !$0.isLoopback && !$0.isLinkLocal }
    // Where there is none, the host has no such session.
    guard let address else { return }
    let found = try Self.route(toPeerOf: SSHSession(connection: try connection(peer, "\(address)")))
    do {
      let text = try Subprocess.output(
        "/usr/sbin/ip", ["-json", "route", "get", peer, "from", "\(address)"], upTo: 1 << 20,
        within: .seconds(5), showsErrors: true)
      let routes = try #require(
        JSONSerialization.jsonObject(with: Data(text)) as? [[String: any Sendable]])
      let device = try #require(routes.first?["dev"] as? String)
      #expect(found.interfaces.contains(device) && found.problem == nil)
    } catch {
      guard let error = error as? SubprocessFailure else { throw error }
      #expect(found.interfaces == [])
      #expect(error.reason.contains("Network is unreachable") || found.problem != nil)
    }
  }

  @Test("none for a peer on this host, or an address of it alone")
  func local() throws {
    for (peer, local) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("fe80::9", "fe80::10")] {
      let session = SSHSession(connection: try connection(peer, local))
      #expect(try Self.route(toPeerOf: session) == PeerRoute())
    }
    let own = try Self.netlink.addresses().lazy.map(\.address)
      .first { !$0.isLoopback && !$0.isLinkLocal }
    guard let own else { return }
    let session = SSHSession(connection: try connection("\(own)", "\(own)"))
    #expect(try Self.route(toPeerOf: session) == PeerRoute())
  }

  @Test("of a link-local peer, the interface that it is named with")
  func linkLocal() throws {
    var session = SSHSession(connection: try connection("fe80::9", "2001:db8::1"))
    for link in [nil, "no-such-name-0"] {
      session.peerLink = link
      let route = try Self.route(toPeerOf: session)
      #expect(route.interfaces == [] && route.problem.names("fe80::9"))
    }
    session.peerLink = "lo"
    #expect(try Self.route(toPeerOf: session) == PeerRoute(interfaces: ["lo"]))
  }

  @Test("what the kernel refuses is a reason: an address that no connection has")
  func refused() throws {
    let session = SSHSession(connection: try connection("203.0.113.9", "224.0.0.1"))
    let route = try Self.route(toPeerOf: session)
    #expect(route.problem.names("203.0.113.9", "224.0.0.1", "Invalid argument"))
  }
}

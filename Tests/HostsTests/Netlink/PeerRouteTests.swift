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

@Suite("The rtnetlink request for a route to a peer")
struct PeerQuestionTests {
  @Test("uses IPv4 for IPv4-mapped addresses, and has the ports, which may select a table")
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

@Suite("The interface by which the running kernel reaches a peer", .serialized)
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
    // Without such an address, the host has no such session.
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

  @Test("is none if both ends are loopback, link-local or the same address of the host")
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

  @Test("is the one that a link-local peer is named with, and otherwise unknown")
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

  @Test("is unknown with a reason if the kernel refuses the addresses")
  func refused() throws {
    let session = SSHSession(connection: try connection("203.0.113.9", "224.0.0.1"))
    let route = try Self.route(toPeerOf: session)
    #expect(route.problem.names("203.0.113.9", "224.0.0.1", "Invalid argument"))
  }
}

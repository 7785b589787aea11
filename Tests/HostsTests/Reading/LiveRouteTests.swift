import Foundation
import SystemPackage
import Testing

@testable import Hosts

private func connection(_ peer: String, _ local: String) throws -> TCPConnection {
  TCPConnection(
    local: TCPConnection.End(address: try #require(IPAddress(local)), port: 22),
    peer: TCPConnection.End(address: try #require(IPAddress(peer)), port: 51000))
}

private func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { [UInt8]($0) } }

@Suite("What rtnetlink is asked of a route, and answers")
struct RouteMessageTests {
  private func attribute(_ kind: UInt16, _ content: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
    return bytes(UInt16(4 + content.count)) + bytes(kind) + content + padding
  }

  private func hop(_ interface: UInt32) -> [UInt8] {
    bytes(UInt16(16)) + [0, 0] + bytes(interface) + attribute(5, [192, 0, 2, 1])
  }

  private func answer(
    type: UInt8 = 1, kind: UInt16 = 24, number: UInt32 = 7, _ attributes: [UInt8]...
  ) -> [UInt8] {
    let rest = bytes(kind) + bytes(UInt16(0)) + bytes(number) + bytes(UInt32(99))
    let route: [UInt8] = [2, 32, 0, 0, 254, 0, 0, type, 0, 0, 0, 0]
    let all = rest + route + attributes.joined()
    return bytes(UInt32(all.count + 4)) + all
  }

  private func failure(_ error: Errno) -> [UInt8] {
    let header = bytes(UInt16(2)) + bytes(UInt16(0)) + bytes(UInt32(7)) + bytes(UInt32(0))
    return bytes(UInt32(20)) + header + bytes(-error.rawValue)
  }

  @Test("addresses are of their own family, IPv4 on a socket of IPv6 too; ports choose a table as well")
  func question() throws {
    let question = RouteMessage.question(
      of: try connection("::ffff:192.0.2.9", "::ffff:198.51.100.1"), isForEntry: false, number: 7)
    let route: [UInt8] = [2, 32, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let attributes =
      attribute(1, [192, 0, 2, 9]) + attribute(2, [198, 51, 100, 1]) + attribute(27, [6])
      + attribute(28, [0, 22]) + attribute(29, [0xC7, 0x38])
    let header = bytes(UInt16(26)) + bytes(UInt16(1)) + bytes(UInt32(7)) + bytes(UInt32(0))
    #expect(question == bytes(UInt32(question.count)) + header + route + attributes)
    let other = RouteMessage.question(
      of: try connection("2001:db8::9", "2001:db8::1"), isForEntry: true, number: 1)
    #expect(Array(other[16..<19]) == [10, 128, 128])
    #expect(Array(other[24..<28]) == bytes(UInt32(0x2000)))
    #expect(other.count == 28 + 20 + 20 + 8 + 8 + 8)
  }

  @Test("the interface, and that of each next hop, once")
  func interfaces() throws {
    let source = attribute(7, [198, 51, 100, 1])
    #expect(try RouteMessage.interfaces(in: answer(attribute(4, bytes(UInt32(3))), source), number: 7) == [3])
    let hops = attribute(9, hop(3) + hop(5) + hop(3))
    #expect(try RouteMessage.interfaces(in: answer(source, hops), number: 7) == [3, 5])
  }

  @Test("none for a peer on this host, nor where there is no route; other errors are thrown")
  func none() throws {
    let local = answer(type: 2, attribute(4, bytes(UInt32(1))))
    #expect(try RouteMessage.interfaces(in: local, number: 7) == [])
    #expect(try RouteMessage.interfaces(in: failure(.networkUnreachable), number: 7) == [])
    for error in [Errno.permissionDenied, .invalidArgument, .noRouteToHost] {
      #expect(throws: error) { try RouteMessage.interfaces(in: failure(error), number: 7) }
    }
  }

  @Test("what is no answer to the question, or is cut, names nothing")
  func senseless() throws {
    let whole = answer(attribute(4, bytes(UInt32(3))), attribute(9, hop(3) + hop(5)))
    #expect(try RouteMessage.interfaces(in: whole, number: 8) == nil)
    let removed = answer(kind: 25, attribute(4, bytes(UInt32(3))))
    #expect(try RouteMessage.interfaces(in: removed, number: 7) == nil)
    #expect(try RouteMessage.interfaces(in: answer(), number: 7) == nil)
    #expect(try RouteMessage.interfaces(in: failure(Errno(rawValue: 0)), number: 7) == nil)
    for length in 0..<whole.count {
      #expect(try RouteMessage.interfaces(in: Array(whole.prefix(length)), number: 7) == nil)
      // The same with a length that is so.
      var cut = Array(whole.prefix(max(length, 4)))
      cut.replaceSubrange(0..<4, with: bytes(UInt32(cut.count)))
      let found = try? RouteMessage.interfaces(in: cut, number: 7)
      // An answer without its last attribute is whole.
      #expect(found == nil || (found == [3] && (36...39).contains(length)), "\(length)")
    }
    for place in 16..<whole.count {
      var other = whole
      other[place] = 0xFF
      _ = try? RouteMessage.interfaces(in: other, number: 7)
      other[place] = 0
      _ = try? RouteMessage.interfaces(in: other, number: 7)
    }
  }
}

@Suite("By which interface the running kernel reaches a peer", .serialized)
struct LiveRouteTests {
  @Test(
    "is what ip(8) prints", .enabled(if: access("/usr/sbin/ip", X_OK) == 0),
    arguments: ["203.0.113.9", "2001:db8:9::9", "192.168.0.1"])
  func agreement(_ peer: String) throws {
    let isIPv4 = peer.contains(".")
    let address = try LiveAddresses.read().sorted { $0.key < $1.key }.lazy.flatMap(\.value.all)
      .first { $0.bytes.count == (isIPv4 ? 4 : 16) && !$0.isLoopback && !$0.isLinkLocal }
    // Where there is none, the host has no such session.
    guard let address else { return }
    let found = LiveRoutes.route(toPeerOf: SSHSession(connection: try connection(peer, "\(address)")))
    do {
      let text = try Command.output(
        "/usr/sbin/ip", ["-json", "route", "get", peer, "from", "\(address)"], upTo: 1 << 20,
        within: .seconds(5), showsErrors: true)
      let routes = try #require(
        JSONSerialization.jsonObject(with: Data(text)) as? [[String: any Sendable]])
      let device = try #require(routes.first?["dev"] as? String)
      #expect(found.interfaces.contains(device) && found.problem == nil)
    } catch {
      guard let error = error as? NoAnswer else { throw error }
      #expect(found.interfaces == [])
      #expect(error.reason.contains("Network is unreachable") || found.problem != nil)
    }
  }

  @Test("none for a peer on this host, or an address of it alone")
  func local() throws {
    for (peer, local) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("fe80::9", "fe80::10")] {
      #expect(LiveRoutes.route(toPeerOf: SSHSession(connection: try connection(peer, local))) == PeerRoute())
    }
    let own = try LiveAddresses.read().values.lazy.flatMap(\.all).first { !$0.isLoopback && !$0.isLinkLocal }
    guard let own else { return }
    let session = SSHSession(connection: try connection("\(own)", "\(own)"))
    #expect(LiveRoutes.route(toPeerOf: session) == PeerRoute())
  }

  @Test("of a link-local peer, the interface that it is named with")
  func linkLocal() throws {
    var session = SSHSession(connection: try connection("fe80::9", "2001:db8::1"))
    let reason = "which interface fe80::9 is reached by is not known"
    #expect(LiveRoutes.route(toPeerOf: session) == PeerRoute(problem: reason))
    session.peerLink = "no-such-name-0"
    #expect(LiveRoutes.route(toPeerOf: session) == PeerRoute(problem: reason))
    session.peerLink = "lo"
    #expect(LiveRoutes.route(toPeerOf: session) == PeerRoute(interfaces: ["lo"]))
  }

  @Test("what the kernel refuses is a reason: an address that no connection has")
  func refused() throws {
    let session = SSHSession(connection: try connection("203.0.113.9", "224.0.0.1"))
    #expect(
      LiveRoutes.route(toPeerOf: session)
        == PeerRoute(problem: "the route to 203.0.113.9 from 224.0.0.1: Invalid argument"))
  }
}

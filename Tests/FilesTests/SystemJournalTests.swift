import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("Sending to the systemd journal")
struct SystemJournalTests {
  @Test("All fields are one datagram, and a value of several lines has its length before it")
  func record() throws {
    try withFolder { folder in
      let path = folder + "/socket"
      let socket = try listening(at: path)
      defer { close(socket) }
      #expect(SystemJournal.send([("MESSAGE", "one\ntwo"), ("PRIORITY", "6")], to: path))
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &buffer, buffer.count, CInt(MSG_DONTWAIT))
      let expected =
        Array("MESSAGE\n".utf8) + [7, 0, 0, 0, 0, 0, 0, 0] + Array("one\ntwo\nPRIORITY=6\n".utf8)
      #expect(Array(buffer.prefix(max(count, 0))) == expected)
    }
  }

  @Test("send() returns false where the socket is missing or its path is too long")
  func missing() {
    #expect(!SystemJournal.send([("MESSAGE", "x")], to: "/nonexistent/socket"))
    #expect(!SystemJournal.send([("MESSAGE", "x")], to: "/" + String(repeating: "x", count: 200)))
  }

  private func listening(at path: String) throws -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(descriptor >= 0 && bound == 0)
    return descriptor
  }
}

import Documents
import Files
import Glibc
import TestSupport
import Testing

@testable import Hosts

@Suite("The QMP client")
struct QMPClientTests {
  private static let status = QMPClient.QMPCommand("query-status")

  /// Returns the answer to `query-status`, or the failure.
  private func ask(
    within time: Duration = .seconds(10), greeting: Duration = .seconds(10),
    _ script: @escaping @Sendable (Peer) -> Void
  ) throws -> Result<String?, QEMUFailure> {
    let scripted = try ScriptedMonitor { _, peer in script(peer) }
    do throws(QEMUFailure) {
      var client = try QMPClient.connect(to: scripted.monitor, greeting: greeting)
      return .success(try client.ask(Self.status, within: time)["status"]?.string)
    } catch {
      return .failure(error)
    }
  }

  @Test("sends qmp_capabilities first, and has the version and the process of QEMU")
  func greeting() throws {
    let scripted = try ScriptedMonitor { _, peer in
      peer.send(Peer.greeting)
      let first = peer.command()
      if first?.name == "qmp_capabilities" { peer.answer(first) }
      peer.wait()
    }
    let client = try QMPClient.connect(to: scripted.monitor, greeting: .seconds(10))
    let (version, process) = (client.version, client.process)
    #expect(version == QMPMessage.QEMUVersion(major: 10, minor: 0, micro: 13))
    #expect(process == getpid())
  }

  @Test("accepts events before the answer to a command") func events() throws {
    let answer = try ask { peer in
      peer.send(Peer.greeting)
      peer.send(#"{"event": "RESUME", "timestamp": {"seconds": 1, "microseconds": 0}}"#)
      peer.answer(peer.command())
      let command = peer.command()
      peer.send(#"{"event": "DEVICE_DELETED", "data": {"device": "x"}}"#)
      peer.answer(command, #"{"status": "running"}"#)
      peer.wait()
    }
    #expect(answer == .success("running"))
  }

  @Test("matches answers to commands in any order") func order() throws {
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      let commands = [peer.command(), peer.command(), peer.command()]
      peer.answer(commands[2], #""third""#)
      peer.answer(commands[0], #""first""#)
      peer.refuse(commands[1], "DeviceNotFound", "second")
      peer.wait()
    }
    var client = try QMPClient.connect(to: scripted.monitor, greeting: .seconds(10))
    let answers = try client.ask(["a", "b", "c"].map { QMPClient.QMPCommand($0) }, within: .seconds(10))
    #expect(try answers[0].get().string == "first" && answers[2].get().string == "third")
    #expect(throws: QMPError(.deviceNotFound, "second")) { try answers[1].get() }
  }

  @Test("reads an answer byte by byte and over many lines") func pieces() throws {
    let answer = try ask { peer in
      peer.send(Peer.greeting)
      peer.answer(peer.command())
      let id = peer.command()?.id ?? 0
      let text = "{\n    \"return\": {\n        \"status\": \"paused\"\n    },\n    \"id\": \(id)\n}\n"
      for byte in text.utf8 { peer.send([byte]) }
      peer.wait()
    }
    #expect(answer == .success("paused"))
  }

  @Test("fails without a greeting, which means that QEMU has another client")
  func silence() throws {
    let answer = try ask(greeting: .milliseconds(200)) { $0.wait() }
    #expect(answer == .failure(.noGreeting(after: .milliseconds(200))))
  }

  @Test("fails without a greeting also if QEMU does not accept the connection") func full() throws {
    let folder = try SysfsTree()
    let path = folder.root + "/qmp"
    let listener = try ScriptedMonitor.listen(at: path, backlog: 0)
    defer { close(listener) }
    let monitor = QEMUMonitor(socket: path)
    let first = Worker { _ = try? QMPClient.connect(to: monitor, greeting: .seconds(2)).version }
    usleep(300_000)
    let failed = failure { () throws(QEMUFailure) in
      try QMPClient.connect(to: monitor, greeting: .milliseconds(300)).version
    }
    guard case .noGreeting? = failed else {
      Issue.record("\(String(describing: failed))")
      return
    }
    first.finish()
  }

  @Test("gives up a command that is not answered in time") func unanswered() throws {
    let answer = try ask(within: .milliseconds(200)) { peer in
      peer.greet()
      peer.wait()
    }
    #expect(answer == .failure(.noAnswer(after: .milliseconds(200))))
  }

  @Test("does not wait longer because of events without an end") func flood() throws {
    let answer = try ask(within: .milliseconds(300)) { peer in
      peer.greet()
      // Until the client has left, and faster than it can read.
      let events = String(repeating: #"{"event": "RTC_CHANGE"}"#, count: 5000)
      while peer.send(events) {}
    }
    #expect(answer == .failure(.noAnswer(after: .milliseconds(300))))
  }

  @Test("limits a message without an end and the number of unread events") func endless() throws {
    let bytes = try ask(within: .milliseconds(300)) { peer in
      peer.greet()
      peer.send(Array(#"{"return": ""#.utf8))
      while peer.send([UInt8](repeating: 0x78, count: 100_000)) {}
    }
    let isBounded =
      switch bytes {
      case .failure(.noAnswer), .failure(.notQMP): true
      default: false
      }
    #expect(isBounded)
    let events = try ask { peer in
      peer.greet()
      for _ in 0..<2000 { peer.send(#"{"event": "DEVICE_DELETED", "data": {}}"#) }
      peer.wait()
    }
    guard case .failure(.notQMP(let what)) = events else {
      Issue.record("\(events)")
      return
    }
    #expect(what.names("1024"))
  }

  @Test(
    "refuses a first message that is not a greeting",
    arguments: [
      "HTTP/1.1 400 Bad Request", #"{"return": {}, "id": 1}"#, #"{"event": "STOP"}"#, #"{"QMP": 1}"#,
      "QEMU 10",
    ]) func nonsense(first: String) throws
  {
    let answer = try ask { peer in
      peer.send(first)
      peer.wait()
    }
    guard case .failure(.notQMP) = answer else {
      Issue.record("\(answer)")
      return
    }
  }

  @Test("refuses an unknown id, a second greeting and an error without an id")
  func strange() throws {
    for text in [
      #"{"return": {}, "id": 77}"#, Peer.greeting, #"{"error": {"class": "GenericError", "desc": "parse"}}"#,
    ] {
      let answer = try ask { peer in
        peer.greet()
        _ = peer.command()
        peer.send(text)
        peer.wait()
      }
      guard case .failure(.notQMP) = answer else {
        Issue.record("\(text): \(answer)")
        return
      }
    }
  }

  @Test("reports a connection that closes before the greeting or within an answer")
  func closing() throws {
    #expect(try ask { _ in } == .failure(.lost))
    let answer = try ask { peer in
      peer.greet()
      _ = peer.command()
      peer.send(Array(#"{"return": {"sta"#.utf8))
    }
    #expect(answer == .failure(.lost))
  }

  @Test("passes on an error of QEMU") func error() throws {
    let answer = try ask { peer in
      peer.greet()
      peer.refuse(peer.command(), "CommandNotFound", "The command query-status has not been found")
      peer.wait()
    }
    #expect(
      answer == .failure(.error(QMPError(.commandNotFound, "The command query-status has not been found"))))
  }
}

import Documents
import TestSupport
import Testing

@testable import Hosts

@Suite("The QMP stream")
struct QMPStreamTests {
  private static let greeting =
    #"{"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}, "package": ""}, "capabilities": []}}"#

  private func messages(_ text: String, pieces: Int = .max) throws -> [QMPMessage] {
    var stream = QMPStream()
    var result: [QMPMessage] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      stream.append(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      while let message = try stream.next() { result.append(message) }
    }
    return result
  }

  private func nonsense(_ text: String) -> String? {
    do {
      _ = try messages(text)
      return nil
    } catch {
      guard case .notQMP(let what)? = error as? QEMUFailure else { return nil }
      return what
    }
  }

  /// Describes each message in a few words.
  private func words(_ messages: [QMPMessage]) -> [String] {
    messages.map {
      switch $0 {
      case .greeting(let version): "QEMU \(version.major).\(version.minor).\(version.micro)"
      case .answer(let id, _): "answer \(id)"
      case .error(let id, let error): "error \(id.map(String.init) ?? "-"): \(error)"
      case .event(let name, let data): "\(name) \(data["device"]?.string ?? "-")"
      }
    }
  }

  @Test("reads messages of each kind in pieces of any size", arguments: [1, 2, 7, .max])
  func kinds(pieces: Int)
    throws
  {
    let text =
      Self.greeting + "\r\n" + #"{"return": {}, "id": 1}"# + "\r\n"
      + #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "DEVICE_DELETED", "data": {"device": "a}\"{"}}"#
      + "\n\n"
      + #"{"event": "STOP", "more": [[{}]]}{"id": 2, "error": {"class": "GenericError", "desc": "no"}}"#
      + #" {"error": {"class": "CommandNotFound", "desc": "what?"}}"#
    #expect(
      words(try messages(text, pieces: pieces)) == [
        "QEMU 10.0.13", "answer 1", "DEVICE_DELETED a}\"{", "STOP -", "error 2: QEMU: no",
        "error -: QEMU: what? (CommandNotFound)",
      ])
  }

  @Test("reads messages that are printed over several lines") func pretty() throws {
    let text = """
      {
          "return": [
              {
                  "name": "type",
                  "type": "string"
              }
          ],
          "id": 7
      }

      {
          "return": {
          },
          "id": 8
      }
      """
    #expect(words(try messages(text, pieces: 3)) == ["answer 7", "answer 8"])
  }

  @Test("does not end a message at a bracket or a quote in a string") func strings() throws {
    let text = #"{"return": "}]\\\"}日本", "id": 3}"#
    let all = try messages(text, pieces: 1)
    guard case .answer(3, let value)? = all.first else {
      Issue.record("\(all)")
      return
    }
    #expect(value.string == #"}]\"}日本"#)
  }

  @Test(
    "refuses text that is not QMP",
    arguments: [
      "HTTP/1.1 400 Bad Request\r\n\r\n", "[]", "1", "\"x\"", "}", "\u{0}", "\u{FEFF}{}", "{]", "{[}]",
      "{} ", #"{"return": {}}"#, #"{"return": {}, "id": "1"}"#, #"{"return": {}, "id": 1, "error": {}}"#,
      #"{"error": {}, "id": 1}"#, #"{"error": {"class": "x", "desc": 1}, "id": 1}"#,
      #"{"error": {"class": "x", "desc": "y"}, "id": []}"#, #"{"event": 1}"#, #"{"event": "x", "data": []}"#,
      #"{"QMP": {}}"#, #"{"QMP": {"version": {"qemu": {"major": "1", "minor": 0, "micro": 0}}}}"#,
      #"{"return": {}, "return": {}, "id": 1}"#, #"{"return": tru, "id": 1}"#,
    ]) func none(text: String)
  {
    #expect(nonsense(text) != nil)
  }

  @Test("refuses bytes that are not UTF-8") func bytes() {
    var stream = QMPStream()
    stream.append(Array(#"{"return": ""#.utf8) + [0xFF] + Array(#"", "id": 1}"#.utf8))
    #expect(throws: QEMUFailure.self) { try stream.next() }
  }

  @Test("refuses everything after an invalid message") func sticky() throws {
    var stream = QMPStream()
    stream.append("x".utf8)
    #expect(throws: QEMUFailure.self) { try stream.next() }
    stream.append(Self.greeting.utf8)
    #expect(throws: QEMUFailure.self) { try stream.next() }
  }

  @Test("limits the depth and the length of a message") func bounds() {
    #expect(nonsense(String(repeating: #"{"a":"#, count: 65))?.contains("64 levels") ?? false)
    var stream = QMPStream(longestMessage: 1000)
    stream.append(#"{"return": ""#.utf8)
    stream.append(repeatElement(UInt8(ascii: "x"), count: 1000))
    let failed = #expect(throws: QEMUFailure.self) { try stream.next() }
    guard case .notQMP(let what)? = failed else {
      Issue.record("\(String(describing: failed))")
      return
    }
    #expect(what.names("1000"))
  }

  @Test("truncates an error message to what a snapshot can hold") func long() throws {
    let text =
      #"{"error": {"class": "GenericError", "desc": ""# + String(repeating: "日", count: 100_000) + #""}}"#
    guard case .error(nil, let error)? = try messages(text).first else {
      Issue.record("no error")
      return
    }
    #expect(error.message.unicodeScalars.count == 4096)
  }

  @Test("reads many messages in one piece, and one in many pieces, in linear time")
  func linear() throws {
    let many = String(repeating: #"{"event": "RTC_CHANGE", "data": {"offset": 1}}"#, count: 20_000)
    #expect(try messages(many).count == 20_000)
    let one = #"{"return": ""# + String(repeating: "x", count: 1_000_000) + #"", "id": 1}"#
    #expect(try messages(one, pieces: 10).count == 1)
  }
}

import Documents
import Testing

@testable import Hosts

/// Recorded answers of a QEMU: a line `COMMAND NAME=VALUE…` for each command, and below it a line
/// with the returned value, or `! CLASS MESSAGE`.
struct Transcript: Sendable {
  private(set) var answers: [String: String] = [:]

  init(_ text: String) {
    let lines = text.split(separator: "\n").map(String.init)
    for index in stride(from: 0, to: lines.count - 1, by: 2) { answers[lines[index]] = lines[index + 1] }
  }

  /// Reads a transcript that was recorded in the lab.
  init(recorded name: String) throws {
    let file = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Transcripts/" + name
    let source = try Source.file(file)
    self.init(String(decoding: source.text, as: UTF8.self))
  }

  /// Returns a copy with another answer to one question.
  func with(_ question: String, _ answer: String?) -> Transcript {
    var copy = self
    copy.answers[question] = answer
    return copy
  }

  /// Answers until the client disconnects.
  func play(to peer: Peer) {
    peer.greet()
    while let command = peer.command() { answer(command, to: peer) }
  }

  func answer(_ command: Peer.Command, to peer: Peer) {
    let known = answers.keys.contains { $0.split(separator: " ")[0] == command.name }
    switch answers[Self.key(of: command)] {
    case let answer? where answer.hasPrefix("! "):
      let parts = answer.dropFirst(2).split(separator: " ", maxSplits: 1)
      peer.refuse(command, String(parts[0]), String(parts[1]))
    case let answer?: peer.answer(command, answer)
    case nil where known:
      peer.refuse(command, "DeviceNotFound", "Device '\(Self.key(of: command))' not found")
    case nil: peer.refuse(command, "CommandNotFound", "The command \(command.name) has not been found")
    }
  }

  static func key(of command: Peer.Command) -> String {
    guard case .mapping(let members)? = command.arguments?.content else { return command.name }
    return ([command.name] + members.map { "\($0.key)=\($0.value.string ?? "?")" }).joined(separator: " ")
  }
}

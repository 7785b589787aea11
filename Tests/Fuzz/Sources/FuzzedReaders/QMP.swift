import Documents
import TestSupport

@testable import Hosts

/// Checks that a monitor's stream has the same messages in whatever pieces it arrives.
func checkQMP(_ bytes: [UInt8]) throws(Broken) {
  // Small inputs can reach the lower limit.
  for longest in [64, 1 << 20] {
    let whole = Heard(bytes, longest, .whole)
    for pieces in [Pieces.single, .random, .gathered] {
      let heard = Heard(bytes, longest, pieces)
      try expect(heard == whole, "whole \(whole), \(pieces) \(heard)")
    }
  }
}

private enum Pieces { case whole, single, random, gathered }

/// The messages that a client receives from a monitor.
private struct Heard: Equatable {
  private var messages: [String] = []
  private var failure: QEMUFailure?

  init(_ bytes: [UInt8], _ longest: Int, _ pieces: Pieces) {
    var stream = QMPStream(longestMessage: longest)
    // The pieces are the same in every run with these bytes.
    var dice = Dice(seed: UInt64(bytes.count))
    var rest = bytes[...]
    while !rest.isEmpty {
      let count =
        switch pieces {
        case .whole: rest.count
        case .single: 1
        case .random, .gathered: Int.random(in: 1...16, using: &dice)
        }
      stream.append(rest.prefix(count))
      rest = rest.dropFirst(count)
      // Several pieces may arrive before messages are read.
      if pieces != .gathered || rest.isEmpty || Bool.random(using: &dice) { hear(&stream) }
    }
  }

  private mutating func hear(_ stream: inout QMPStream) {
    do throws(QEMUFailure) {
      while let message = try stream.next() { messages.append(Self.text(message)) }
    } catch {
      failure = error
      // The failure quotes the bytes that have arrived, which depend on the pieces.
      if case .notQMP = error { failure = .notQMP("") }
    }
  }

  private static func text(_ message: QMPMessage) -> String {
    switch message {
    case .greeting(let version): "QEMU \(version)"
    case .answer(let id, let value): "answer \(id) \(written(value))"
    case .error(let id, let error): "error \(id ?? -1) \(error)"
    case .event(let name, let data): "event \(name) \(written(data))"
    }
  }
}

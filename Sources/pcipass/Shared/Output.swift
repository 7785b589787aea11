import Documents
import Glibc
import Synchronization
import SystemPackage

/// What is written to the terminal, or what stands in its place, by a thread of its own: a terminal that takes nothing
/// (Ctrl-S, a dead SSH session, a reader that has stopped) must not hold up a run that has the host's lock.
final class Output: Sendable {
  private struct State {
    var pieces: [(text: [UInt8], file: CInt)] = []
    /// Bytes that wait to be written.
    var waiting = 0
    /// Lines that there was no room for.
    var lost = 0
    var isWriting = false
    /// Whether the thread runs; without one everything is written at once.
    var worker: Bool?
    var isPatient = true
  }

  private let state = Mutex(State())
  private let work: Signal?
  private let done: Signal?
  /// How many bytes may wait while nothing takes them: more than the output of a run on thousands of functions.
  private static let room = 4 << 20

  init() {
    work = try? Signal()
    done = try? Signal()
  }

  /// From now on nothing waits until it is written; what there is no room for is lost, which is said.
  func stopWaiting() { state.withLock { $0.isPatient = false } }

  /// Waits until all is written, from now on each time.
  func waitAgain() {
    state.withLock { $0.isPatient = true }
    drain()
  }

  func write(_ text: String, to file: CInt) {
    let isPatient = state.withLock { state in
      let bytes = Array(text.utf8)
      if !state.isPatient, state.waiting + bytes.count > Self.room {
        state.lost += bytes.count { $0 == UInt8(ascii: "\n") }
      } else {
        append(bytes, file, &state)
      }
      if state.worker == nil { state.worker = start() }
      return state.isPatient || state.worker == false
    }
    work?.raise()
    if isPatient { drain() }
  }

  private func append(_ bytes: [UInt8], _ file: CInt, _ state: inout State) {
    guard !bytes.isEmpty else { return }
    if state.lost > 0 {
      let words = "(\(state.lost) lines were not printed: nothing took them)\n"
      state.lost = 0
      append(Array(words.utf8), file, &state)
    }
    state.waiting += bytes.count
    state.pieces.append((bytes, file))
  }

  private func drain() {
    let isRunning = state.withLock { $0.worker ?? false }
    while state.withLock({ $0.waiting > 0 || $0.isWriting }) {
      if isRunning { _ = done?.wait(until: .now + .milliseconds(50)) } else { writeNext() }
    }
  }

  private func start() -> Bool {
    guard work != nil, done != nil else { return false }
    let worker = Worker { [self] in
      Interruption.leaveToOtherThreads()
      while true {
        while writeNext() {}
        done?.raise()
        _ = work?.wait(until: .now + .seconds(3600))
      }
    }
    worker.leave()
    return worker.isRunning
  }

  /// Whether there was something.
  @discardableResult
  private func writeNext() -> Bool {
    let piece: (text: [UInt8], file: CInt)? = state.withLock { state in
      guard !state.pieces.isEmpty else { return nil }
      state.isWriting = true
      return state.pieces.removeFirst()
    }
    guard let piece else { return false }
    // Where no reader is left, what is to be done is done all the same.
    _ = piece.text.withUnsafeBytes { Self.write($0, to: piece.file) }
    state.withLock { state in
      state.isWriting = false
      state.waiting -= piece.text.count
    }
    return true
  }

  /// All of it, or why not. A file that does not wait by itself (O_NONBLOCK) is waited for.
  static func write(_ bytes: UnsafeRawBufferPointer, to file: CInt) -> Errno? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      if written < 0, errno == EAGAIN {
        var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        if poll(&waiting, 1, -1) < 0, errno != EINTR { return Errno(rawValue: errno) }
        continue
      }
      if written <= 0 { return Errno(rawValue: errno) }
      rest = rest.dropFirst(written)
    }
    return nil
  }
}

import Files
import Glibc
import Synchronization
import SystemPackage

/// Writes to the terminal, or to the file or pipe in its place, on a thread of its own: a terminal that accepts nothing
/// (Ctrl-S, a dead SSH session, a reader that has stopped) must not delay a run that holds the host's lock.
final class BackgroundWriter: Sendable {
  private struct State {
    var pieces: [(text: [UInt8], file: CInt)] = []
    /// Bytes that wait to be written.
    var waiting = 0
    /// How many lines were dropped because there was no room for them.
    var lost = 0
    var isWriting = false
    /// Whether the thread runs; nil before the first write. Without the thread everything is written at once.
    var worker: Bool?
    var isPatient = true
    /// The first error of each file. A reader that has gone is not an error.
    var failures: [CInt: Errno] = [:]
  }

  private let state = Mutex(State())
  private let work: Wakeup?
  private let done: Wakeup?
  /// How many bytes may wait while nothing takes them: more than the output of a run on thousands of functions.
  private static let room = 4 << 20

  init() {
    work = try? Wakeup()
    done = try? Wakeup()
  }

  /// From now on `write` returns before the text is written. Lines for which there is no room are dropped, and their number
  /// is printed.
  func stopWaiting() { state.withLock { $0.isPatient = false } }

  /// Waits until everything is written. From now on `write` does so each time.
  func waitAgain() {
    state.withLock { $0.isPatient = true }
    drain()
  }

  /// Why text for this file was lost; nil where none was, as far as it is written.
  func failure(of file: CInt) -> Errno? { state.withLock { $0.failures[file] } }

  func write(_ text: String, to file: CInt) { write(Array(text.utf8), to: file) }

  func write(_ bytes: [UInt8], to file: CInt) {
    guard !bytes.isEmpty else { return }
    let isPatient = state.withLock { state in
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
      let words = "(\(state.lost) lines were dropped because the terminal accepted no output)\n"
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

  /// - Returns: whether there was something to write.
  @discardableResult
  private func writeNext() -> Bool {
    let piece: (text: [UInt8], file: CInt)? = state.withLock { state in
      guard !state.pieces.isEmpty else { return nil }
      state.isWriting = true
      return state.pieces.removeFirst()
    }
    guard let piece else { return false }
    // After an error the command does its work all the same, and reports the error at its end.
    let error = piece.text.withUnsafeBytes { Self.write($0, to: piece.file) }
    state.withLock { state in
      if let error, error != .brokenPipe, state.failures[piece.file] == nil {
        state.failures[piece.file] = error
      }
      state.isWriting = false
      state.waiting -= piece.text.count
    }
    return true
  }

  /// Writes everything, and waits where the file does not block by itself (O_NONBLOCK).
  ///
  /// - Returns: why not everything was written; nil where it was.
  static func write(_ bytes: UnsafeRawBufferPointer, to file: CInt) -> Errno? {
    var rest = bytes[...]
    while !rest.isEmpty {
      do throws(Errno) {
        let bytes = UnsafeRawBufferPointer(rebasing: rest)
        let count = try retrying { Glibc.write(file, bytes.baseAddress, bytes.count) }
        guard count > 0 else { return .ioError }
        rest = rest.dropFirst(count)
      } catch {
        guard error == .resourceTemporarilyUnavailable else { return error }
        do throws(Errno) { _ = try isReady(file, for: POLLOUT) } catch { return error }
      }
    }
    return nil
  }
}

import Files
import Glibc
import Synchronization
import SystemPackage

/// Writes to the terminal, file or pipe in a separate thread. A terminal that does not accept
/// output (Ctrl-S, a dead SSH session, a stopped reader) must not delay a run that holds the lock
/// of the host.
final class BackgroundWriter: Sendable {
  private struct State {
    var pieces: [(text: [UInt8], file: CInt)] = []
    /// The number of bytes that are not yet written.
    var waiting = 0
    /// The number of lines that were dropped because the buffer was full.
    var lost = 0
    var isWriting = false
    /// Whether the thread runs; nil before the first write. Without the thread, `write` writes
    /// everything itself.
    var worker: Bool?
    var waitsForOutput = true
    /// The first error of each file. EPIPE is not recorded.
    var failures: [CInt: Errno] = [:]
  }

  private let state = Mutex(State())
  private let work: Wakeup?
  private let done: Wakeup?
  /// The size of the buffer in bytes: more than the output of a run on thousands of functions.
  private static let room = 4 << 20

  init() {
    work = try? Wakeup()
    done = try? Wakeup()
  }

  /// Makes `write` return before the text is written. Lines that do not fit into the buffer are
  /// dropped, and their number is printed.
  func stopWaiting() { state.withLock { $0.waitsForOutput = false } }

  /// Waits until everything is written, and makes each later `write` wait too.
  func waitAgain() {
    state.withLock { $0.waitsForOutput = true }
    drain()
  }

  /// The error by which text for this file was lost; nil if no write has failed so far.
  func failure(of file: CInt) -> Errno? { state.withLock { $0.failures[file] } }

  func write(_ text: String, to file: CInt) { write(Array(text.utf8), to: file) }

  func write(_ bytes: [UInt8], to file: CInt) {
    guard !bytes.isEmpty else { return }
    let waitsForOutput = state.withLock { state in
      if !state.waitsForOutput, state.waiting + bytes.count > Self.room {
        state.lost += bytes.count { $0 == UInt8(ascii: "\n") }
      } else {
        append(bytes, file, &state)
      }
      if state.worker == nil { state.worker = start() }
      return state.waitsForOutput || state.worker == false
    }
    work?.raise()
    if waitsForOutput { drain() }
  }

  private func append(_ bytes: [UInt8], _ file: CInt, _ state: inout State) {
    guard !bytes.isEmpty else { return }
    if state.lost > 0 {
      let words = "(\(state.lost) lines were dropped because the terminal did not accept output)\n"
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
      Interruption.blockSignals()
      while true {
        while writeNext() {}
        done?.raise()
        _ = work?.wait(until: .now + .seconds(3600))
      }
    }
    worker.leave()
    return worker.isRunning
  }

  /// - Returns: false if there was nothing to write.
  @discardableResult
  private func writeNext() -> Bool {
    let piece: (text: [UInt8], file: CInt)? = state.withLock { state in
      guard !state.pieces.isEmpty else { return nil }
      state.isWriting = true
      return state.pieces.removeFirst()
    }
    guard let piece else { return false }
    // After an error the command continues, and reports the error at its end.
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

  /// Writes everything, and waits with poll(2) if the file does not block (O_NONBLOCK).
  ///
  /// - Returns: the error; nil if everything was written.
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

import Documents
import Glibc
import Reporting
import Synchronization

/// The line of what goes on, at the end of a terminal's output: drawn anew as time passes, gone when something is
/// written. Whatever is written to the terminal goes through its lock, so that nothing is written into anything else.
final class LiveLine: Sendable {
  private struct State {
    var line: RunningLine?
    var began = ContinuousClock.now
    /// What stands there now; nil is nothing.
    var shown: String?
    var hasTicker = false
  }

  private let state = Mutex(State())
  private let draw: @Sendable (String) -> Void
  private static let erasure = "\r\u{1B}[K"

  /// - Parameter draw: writes to the terminal.
  init(draw: @escaping @Sendable (String) -> Void) { self.draw = draw }

  /// - Parameter atOnce: otherwise when a second is over, which most things are done in.
  func show(_ line: RunningLine, atOnce: Bool, since: ContinuousClock.Instant) {
    state.withLock { state in
      state.line = line
      state.began = since
      if atOnce { redraw(&state) }
      if !state.hasTicker { state.hasTicker = startTicker() }
    }
  }

  func end() { write {} }

  /// Writes in place of the line, which is over.
  func write(_ body: () -> Void) {
    state.withLock { state in
      if state.shown != nil { draw(Self.erasure) }
      state.shown = nil
      state.line = nil
      body()
    }
  }

  /// Writes above the line, which goes on.
  func writeAbove(_ body: () -> Void) {
    state.withLock { state in
      let shown = state.shown
      if shown != nil { draw(Self.erasure) }
      body()
      if let shown { draw(shown) }
    }
  }

  private func redraw(_ state: inout State) {
    guard let line = state.line, Self.isInForeground else { return }
    let text = line.text(after: .now - state.began, width: Terminal.width)
    guard text != state.shown else { return }
    draw(Self.erasure + text)
    state.shown = text
  }

  /// In the background the terminal is somebody else's.
  private static var isInForeground: Bool { tcgetpgrp(STDOUT_FILENO) == getpgrp() }

  /// It ends with the process. Without one, the line stands still.
  private func startTicker() -> Bool {
    let worker = Worker { [self] in
      Interruption.leaveToOtherThreads()
      while true {
        usleep(250_000)
        state.withLock { state in
          if state.line != nil, .now - state.began >= .seconds(1) { redraw(&state) }
        }
      }
    }
    worker.leave()
    return worker.isRunning
  }
}

import Documents
import Files
import Glibc
import Reporting
import Synchronization

/// The last line of a terminal's output, which shows what is running. It is redrawn periodically,
/// and erased when other text is written. All output is written under its lock, so that texts do
/// not mix.
final class LiveLine: Sendable {
  private struct State {
    var line: ProgressLine?
    var began = ContinuousClock.now
    /// The text that is drawn; nil where there is none.
    var shown: String?
    var hasTicker = false
  }

  private let state = Mutex(State())
  private let traits: TerminalTraits
  private let draw: @Sendable (String) -> Void
  private static let erasure = "\r\u{1B}[K"

  /// - Parameter draw: writes to the terminal.
  init(_ traits: TerminalTraits, draw: @escaping @Sendable (String) -> Void) {
    self.traits = traits
    self.draw = draw
  }

  /// - Parameter atOnce: whether the line is drawn at once instead of after 1 s, within which most
  ///   actions end.
  func show(_ line: ProgressLine, atOnce: Bool, since: ContinuousClock.Instant) {
    state.withLock { state in
      state.line = line
      state.began = since
      if atOnce { redraw(&state) }
      if !state.hasTicker { state.hasTicker = startTicker() }
    }
  }

  func end() { write {} }

  /// Erases the line permanently, and writes in its place.
  func write(_ body: () -> Void) {
    state.withLock { state in
      if state.shown != nil { draw(Self.erasure) }
      state.shown = nil
      state.line = nil
      body()
    }
  }

  /// Writes above the line, which stays.
  func writeAbove(_ body: () -> Void) {
    state.withLock { state in
      let shown = state.shown
      if shown != nil { draw(Self.erasure) }
      body()
      if let shown { draw(shown) }
    }
  }

  private func redraw(_ state: inout State) {
    guard let line = state.line, traits.isInForeground() else { return }
    let text = line.text(after: .now - state.began, width: traits.width())
    guard text != state.shown else { return }
    draw(Self.erasure + text)
    state.shown = text
  }

  /// Starts the thread that redraws the line, which ends with the process. If the thread cannot be
  /// started, the line does not change.
  private func startTicker() -> Bool {
    let worker = Worker { [self] in
      Interruption.blockSignals()
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

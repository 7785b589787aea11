import Foundation
import Testing

/// A pcipass process beside the test, with or without a terminal. `deinit` kills it.
final class Beside {
  private let process = Process()
  private let folder: TemporaryFolder
  private let input = Pipe()

  init(_ arguments: String..., onTerminal: Bool = false) throws {
    folder = try TemporaryFolder()
    if onTerminal {
      let command = (["exec", Pcipass.binary.path] + arguments).map { "'\($0)'" }.joined(separator: " ")
      process.executableURL = URL(filePath: "/usr/bin/script")
      process.arguments = ["-qefc", command.replacing("'exec'", with: "exec"), "/dev/null"]
    } else {
      process.executableURL = Pcipass.binary
      process.arguments = arguments
    }
    process.currentDirectoryURL = Pcipass.root
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "xterm", "NO_COLOR": "1"]
    process.standardInput = input
    process.standardOutput = try folder.handle("output")
    process.standardError = try folder.handle("error")
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var output: String { (try? folder.text("output")) ?? "" }
  var error: String { (try? folder.text("error")) ?? "" }

  func type(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

  func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until the process has printed the text.
  func await(_ text: String, at location: Testing.SourceLocation = #_sourceLocation) {
    expectSoon("\(text) in: \(output)\(error)", at: location) {
      output.contains(text) || error.contains(text)
    }
  }

  func end(at location: Testing.SourceLocation = #_sourceLocation) -> Pcipass.Result {
    expectSoon("its end: \(output)\(error)", at: location) { !process.isRunning }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return Pcipass.Result(status: process.terminationStatus, output: output, error: error)
  }
}

/// Waits until the condition holds, and records an issue if it does not hold in time.
func expectSoon(
  _ what: @autoclosure () -> String, within seconds: Double = 20,
  at location: Testing.SourceLocation = #_sourceLocation,
  _ isSo: () throws -> Bool
) rethrows {
  let end = Date.now + seconds
  while try !isSo() {
    guard Date.now < end else {
      Issue.record("not in time: \(what())", sourceLocation: location)
      return
    }
    usleep(20_000)
  }
}

/// Returns the process ID of the current or last watchdog on the host.
func watchdog(of host: String) -> pid_t? {
  (try? String(contentsOfFile: host + ".state/watch", encoding: .utf8))?.split(separator: " ").dropFirst()
    .first
    .flatMap { pid_t($0.dropLast()) }
}

/// Whether the process exists and is not a zombie.
func isRunning(_ process: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
    return false
  }
  return !status.contains(") Z ")
}

import Files
import Glibc

/// Scripts often query the version, so it is printed before the parser is set up.
@main
enum Main {
  static func main() {
    openMissingStandardFiles()
    if CommandLine.argc == 2, let word = CommandLine.unsafeArgv[1], strcmp(word, "--version") == 0 {
      let version = Array((Pcipass.version + "\n").utf8)
      guard let error = version.withUnsafeBytes({ BackgroundWriter.write($0, to: STDOUT_FILENO) }) else {
        return
      }
      Terminal.standard.writeError("error: the output could not be written: \(error) [unwritable]\n")
      exit(ExitStatus.failure.code)
    }
    guard !CommandLine.arguments.isEmpty else {
      // Swift reads the arguments from /proc; without it every command line would look empty.
      Terminal.standard.writeError(
        "error: /proc/self/cmdline cannot be read, so the arguments are unknown\nhelp: mount /proc\n")
      exit(ExitStatus.failure.code)
    }
    // A reader that exits (`pcipass apply … | head`) must not end a run between two steps.
    signal(SIGPIPE, SIG_IGN)
    let status = Pcipass.run(Array(CommandLine.arguments.dropFirst()), on: .standard)
    if let signal = status.signal { Interruption.end(by: signal) }
    exit(status.code)
  }
}

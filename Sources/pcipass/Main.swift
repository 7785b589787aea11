import Glibc

/// Scripts ask for the version often, so it is printed before the parser is set up.
@main
enum Main {
  static func main() {
    if CommandLine.argc == 2, let word = CommandLine.unsafeArgv[1], strcmp(word, "--version") == 0 {
      return print(Pcipass.version)
    }
    guard !CommandLine.arguments.isEmpty else {
      // Swift reads the arguments from /proc; without it every command line would look empty.
      Terminal.standard.writeError(
        "error: /proc/self/cmdline cannot be read, so the arguments are not known\nhelp: mount /proc\n")
      exit(ExitStatus.failure.code)
    }
    // A reader that goes away (`pcipass apply … | head`) must not end a run between two steps.
    signal(SIGPIPE, SIG_IGN)
    exit(Pcipass.run(Array(CommandLine.arguments.dropFirst()), on: .standard).code)
  }
}

import ArgumentParser
import Documents
import Glibc

/// The version is asked for by scripts, often, and needs nothing of what the parser builds up first.
@main
enum Main {
  static func main() {
    if CommandLine.argc == 2, let word = CommandLine.unsafeArgv[1], strcmp(word, "--version") == 0 {
      print(Version.text)
    } else if CommandLine.arguments.isEmpty {
      // Swift reads them there; without, every command line would be taken for an empty one.
      Terminal.writeError(
        "error: /proc/self/cmdline cannot be read, so the arguments are not known\nhelp: mount /proc\n")
      Pcipass.exit(withError: ExitCode.failure)
    } else {
      // A reader that goes away (`pcipass apply … | head`) must not end a run between two steps.
      signal(SIGPIPE, SIG_IGN)
      run(ManifestOptions.expanded(Array(CommandLine.arguments.dropFirst())))
    }
  }

  private static func run(_ arguments: [String]) {
    var command: any ParsableCommand
    do {
      if arguments.first == "help", let word = Suggestion.mistaken(arguments) {
        throw ValidationError("There is no command '\(printable(word))'")
      }
      command = try Pcipass.parseAsRoot(arguments)
    } catch {
      let status = Pcipass.exitCode(for: error)
      if status == .success { Pcipass.exit(withError: error) }
      // A shell asks while somebody types: nothing is said that would land in what is being typed.
      if arguments.first != "---completion" {
        let lines = [message(of: error, arguments), Suggestion.line(for: arguments)]
        Terminal.writeError(lines.compactMap { $0 }.joined(separator: "\n") + "\n")
      }
      Pcipass.exit(withError: status)
    }
    do { try command.run() } catch {
      Terminal.waitAgain()
      Pcipass.exit(withError: error)
    }
    Terminal.waitAgain()
    Pcipass.exit()
  }

  /// What is wrong with the arguments. The parser quotes them as they are, so it is asked about printable ones.
  private static func message(of error: any Error, _ arguments: [String]) -> String {
    var shown = error
    do { _ = try Pcipass.parseAsRoot(arguments.map { printable($0) }) } catch { shown = error }
    return Pcipass.fullMessage(for: shown).split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable($0) }.joined(separator: "\n")
  }
}

struct Pcipass: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pcipass",
    abstract: "Hands a host's NICs to its guests as YAML manifests say, and takes them back.",
    discussion: """
      pcipass compares manifests with what the host is really doing, prints the steps between, carries \
      them out one by one, reads each back, and can undo them.

      EXIT STATUS:
        0  done, or nothing to do
        1  an error, or a refusal

      EXAMPLES:
        pcipass validate fleet/                are the manifests right?
        pcipass plan fleet/                    what would be done on this host?
        pcipass apply fleet/                   do it, after asking
        pcipass rollback                       take the last apply back
        pcipass plan fleet/ --state hv01.json  elsewhere, from a snapshot of it
      """,
    version: Version.text,
    subcommands: [
      Devices.self, DoctorCommand.self, Graph.self, ImportCommand.self, Validate.self, PlanCommand.self,
      Apply.self,
      Confirm.self, RollbackCommand.self, Recover.self, StatusCommand.self, Explain.self, History.self,
      Show.self,
      Render.self, Snapshot.self, SchemaCommand.self, CompletionCommand.self, Man.self, Watch.self,
    ])
}

enum Version {
  static let text = "0.1.0"
}

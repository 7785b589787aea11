import ArgumentParser
import Documents
import Reporting

/// A command that prints on the given terminal.
protocol PcipassCommand: ParsableCommand {
  var output: OutputOptions { get }
  /// The format of the output.
  var outputFormat: OutputFormat { get }
  /// Whether the command may change the host. If it may, lost output does not change the exit
  /// status.
  var changesHost: Bool { get }

  /// - Returns: the exit status of a command that did not fail.
  /// - Throws: `Diagnostics`, or a `CommandFailure` with refusals, text or another exit status.
  func run(on terminal: Terminal) throws -> ExitStatus
}

extension PcipassCommand {
  var outputFormat: OutputFormat { .text }
  var changesHost: Bool { false }
}

extension Pcipass {
  /// Runs one command line, prints its error, and returns after all output is written.
  static func run(_ arguments: [String], on terminal: Terminal) -> ExitStatus {
    let (status, changesHost) = result(of: arguments, on: terminal)
    terminal.waitAgain()
    guard let failure = terminal.outputFailure else { return status }
    terminal.warn([failure])
    return changesHost ? status : .worst(of: [status, .failure])
  }

  private static func result(
    of arguments: [String], on terminal: Terminal
  ) -> (ExitStatus, changesHost: Bool) {
    let arguments = ManifestOptions.expanded(arguments)
    var command: any ParsableCommand
    do {
      if arguments.first == "help", let word = Suggestion.mistaken(arguments) {
        throw ValidationError("unknown command '\(printable(word))'")
      }
      command = try parseAsRoot(arguments)
    } catch {
      return (end(error, of: arguments, on: terminal), false)
    }
    do {
      guard let command = command as? any PcipassCommand else {
        // Without a command, pcipass prints its help.
        try command.run()
        return (.success, false)
      }
      return (try status(of: command, on: terminal), command.changesHost)
    } catch {
      return (end(error, of: arguments, on: terminal), false)
    }
  }

  /// Runs a command. Prints its failure to standard error for people, and as a document for
  /// programs and pull requests.
  private static func status(
    of command: any PcipassCommand, on terminal: Terminal
  ) throws -> ExitStatus {
    let format = command.outputFormat
    let colored = terminal.colored(command.output.color)
    let terminal = format == .text ? colored : colored.forPrograms
    do {
      return try command.run(on: terminal)
    } catch let error as any CommandError {
      let failure = error.commandFailure
      terminal.print(failure)
      switch format {
      case .json:
        terminal.write(product: FailureJSON.text(failure.refusals, failure.diagnostics, failure.status.code))
      case .markdown: terminal.write(product: PlanMarkdown.failure(failure.diagnostics))
      default: break
      }
      return failure.status
    }
  }

  /// Prints the result of the parser: help, the version, or an error of the arguments.
  private static func end(
    _ error: any Error, of arguments: [String], on terminal: Terminal
  ) -> ExitStatus {
    let status = ExitStatus(code: exitCode(for: error).rawValue)
    if status == .success {
      let text = fullMessage(for: error)
      if !text.isEmpty { terminal.write(text + "\n") }
    } else if arguments.first != "---completion" {
      // A shell that completes a line gets no message, because the message would appear in the
      // command line.
      let lines = [message(of: error, arguments), Suggestion.line(for: arguments)]
      terminal.writeError(lines.compactMap { $0 }.joined(separator: "\n") + "\n")
    }
    return status
  }

  /// The parser quotes arguments unchanged, so it parses printable copies of them.
  private static func message(of error: any Error, _ arguments: [String]) -> String {
    var shown = error
    do { _ = try parseAsRoot(arguments.map { printable($0) }) } catch { shown = error }
    return fullMessage(for: shown).split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable($0) }.joined(separator: "\n")
  }
}

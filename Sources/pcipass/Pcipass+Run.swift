import ArgumentParser
import Documents

/// A command, which prints on the terminal that it is given.
protocol PcipassCommand: ParsableCommand {
  /// - Returns: the exit status, where nothing went wrong.
  /// - Throws: `Diagnostics`, or a `CommandFailure` where there is more to say or the exit status is another.
  func run(on terminal: Terminal) throws -> ExitStatus
}

extension Pcipass {
  /// Runs one command line, prints why it failed, and returns when everything is written.
  static func run(_ arguments: [String], on terminal: Terminal) -> ExitStatus {
    defer { terminal.waitAgain() }
    let arguments = ManifestOptions.expanded(arguments)
    var command: any ParsableCommand
    do {
      if arguments.first == "help", let word = Suggestion.mistaken(arguments) {
        throw ValidationError("There is no command '\(printable(word))'")
      }
      command = try parseAsRoot(arguments)
    } catch {
      return end(error, of: arguments, on: terminal)
    }
    do {
      if let command = command as? any PcipassCommand { return try command.run(on: terminal) }
      // Without a command, pcipass prints its help.
      try command.run()
      return .success
    } catch let failure as CommandFailure {
      terminal.print(failure)
      return failure.status
    } catch let error as Diagnostics {
      terminal.print(CommandFailure(error))
      return .failure
    } catch {
      return end(error, of: arguments, on: terminal)
    }
  }

  /// Prints what the parser throws: help and the like, or what is wrong with the arguments.
  private static func end(
    _ error: any Error, of arguments: [String], on terminal: Terminal
  ) -> ExitStatus {
    let status = ExitStatus(code: exitCode(for: error).rawValue)
    if status == .success {
      let text = fullMessage(for: error)
      if !text.isEmpty { terminal.write(text + "\n") }
    } else if arguments.first != "---completion" {
      // A shell that completes a line gets no message: it would land in what is being typed.
      let lines = [message(of: error, arguments), Suggestion.line(for: arguments)]
      terminal.writeError(lines.compactMap { $0 }.joined(separator: "\n") + "\n")
    }
    return status
  }

  /// The parser quotes arguments as they are, so it is asked about printable ones.
  private static func message(of error: any Error, _ arguments: [String]) -> String {
    var shown = error
    do { _ = try parseAsRoot(arguments.map { printable($0) }) } catch { shown = error }
    return fullMessage(for: shown).split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable($0) }.joined(separator: "\n")
  }
}

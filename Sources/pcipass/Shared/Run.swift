import Execution
import Hosts
import Reporting

/// Steps being carried out: each entry goes to the journal, then to the terminal.
final class Run {
  private(set) var text: ApplyText
  private let file: JournalFile
  private let patience: Patience

  init(_ file: JournalFile, total: Int, _ detail: Detail, _ options: HostOptions) {
    self.file = file
    patience = Patience(step: options.stepTimeout, unplug: options.unplugTimeout)
    text = ApplyText(style: Terminal.output, total: total, detail: detail)
  }

  func executor(on host: any Host, _ onFailure: Executor.OnFailure) -> Executor {
    Executor(host: host, onFailure: onFailure, stop: { Interruption.reason }) {
      entry throws(JournalFailure) in
      try self.file.append(entry)
      Terminal.write(self.text.text(entry))
      if let line = self.text.running(entry, self.patience) { Terminal.show(line) }
    }
  }

  /// Writes down how it ended. Where that fails, the journal stays open, and the next run looks.
  func end(_ outcome: inout Outcome) {
    guard let end = outcome.end else { return }
    do throws(JournalFailure) { try file.append(.ended(end)) } catch {
      outcome.journalFailures.append(error.message)
    }
  }
}

import ArgumentParser

struct Pcipass: ParsableCommand {
  static let version = "0.1.0"

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
    version: version,
    subcommands: [
      DevicesCommand.self, DoctorCommand.self, GraphCommand.self, ImportCommand.self, ValidateCommand.self,
      PlanCommand.self, ApplyCommand.self, ConfirmCommand.self, RollbackCommand.self, RecoverCommand.self,
      StatusCommand.self, ExplainCommand.self, HistoryCommand.self, ShowCommand.self, RenderCommand.self,
      SnapshotCommand.self, SchemaCommand.self, CompletionCommand.self, ManCommand.self, WatchCommand.self,
    ])
}

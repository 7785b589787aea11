import ArgumentParser

struct Pcipass: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "pcipass",
    abstract: "Assign a host's NICs to its guests as declared in YAML.",
    discussion: """
      pcipass compares manifests with the state of the host, plans the steps that make the host match \
      them, applies the steps one by one, verifies each, and can undo them. It changes only the NICs that \
      a Host manifest lists.

      EXIT STATUS:
        0  done, or nothing to do
        1  an error; nothing was changed
        2  changes, drift or findings
        3  a guard refused; nothing was changed
        4  a step failed, and everything was undone
        5  an operator is needed
        6  an apply is waiting for confirmation
        64 the command line is wrong
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass validate fleet/                check the manifests
        pcipass plan fleet/                    show what apply would change
        pcipass apply fleet/                   apply the changes, after a prompt
        pcipass rollback                       undo the last apply
        pcipass plan fleet/ --state hv01.json  plan from a snapshot, on any machine
      """,
    version: version,
    subcommands: [
      DevicesCommand.self, DoctorCommand.self, GraphCommand.self, ImportCommand.self, ValidateCommand.self,
      PlanCommand.self, DrainCommand.self, ApplyCommand.self, ConfirmCommand.self, RollbackCommand.self,
      RecoverCommand.self, BootCommand.self,
      StatusCommand.self, ExplainCommand.self, HistoryCommand.self, ShowCommand.self, RenderCommand.self,
      SnapshotCommand.self, SchemaCommand.self, CompletionCommand.self, ManCommand.self, WatchCommand.self,
      HookCommand.self,
    ])
}

import ArgumentParser

struct PlanCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what apply would change; change nothing.",
    discussion: """
      The plan is grouped by guest and NIC, and counts the checks that passed; --verbose lists steps and \
      checks. A refused plan starts with the refusals. With --state, pcipass plans from a snapshot and needs \
      neither the host nor root.

      EXIT STATUS:
        0  planned; with --detailed-exitcode: no changes, and in sync
        1  an error; with --state FOLDER: a host is not planned, or no host has a guest
        2  with --detailed-exitcode: there are changes, or a saved image is not in sync
        3  a guard refuses the plan
        5  with --detailed-exitcode: a run is interrupted
        6  with --detailed-exitcode: an apply is waiting for confirmation

      EXAMPLES:
        pcipass plan fleet/
        pcipass plan fleet/ --verbose            with steps, checks and facts
        pcipass plan fleet/ --out today.plan     for: pcipass apply today.plan
        pcipass plan fleet/ --state snapshots/   plan a fleet from snapshots
        pcipass plan fleet/ --target nic/lan     plan only that NIC
      """)

  @OptionGroup var plan: PlanOptions

  var output: OutputOptions { plan.output }
  var outputFormat: OutputFormat { plan.outputFormat }

  func run(on terminal: Terminal) throws -> ExitStatus { try plan.run(on: terminal) }
}

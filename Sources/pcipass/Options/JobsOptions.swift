import ArgumentParser

/// How many steps are done side by side.
struct JobsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How many steps may run at the same time, where the plan has no order for them and they share nothing.",
      valueName: "number"))
  var jobs = 1

  mutating func validate() throws {
    if !(1...64).contains(jobs) { throw ValidationError("--jobs is 1 to 64") }
  }
}

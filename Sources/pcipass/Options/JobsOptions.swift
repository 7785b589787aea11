import ArgumentParser

/// The number of steps that run in parallel.
struct JobsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The number of independent steps to run in parallel, 1 to 64.",
      valueName: "number"))
  var jobs = 1

  mutating func validate() throws {
    if !(1...64).contains(jobs) { throw ValidationError("--jobs must be 1 to 64") }
  }
}

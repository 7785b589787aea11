import ArgumentParser
import Reporting

/// The level of detail of the output.
struct VerbosityOptions: ParsableArguments {
  @Flag(name: [.long, .short], help: "Print only errors and the result.")
  var quiet = false

  @Flag(
    name: [.long, .short],
    help: "Also print the facts behind a plan, and what each step writes, runs and changes.")
  var verbose = false

  mutating func validate() throws {
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  var detail: DetailLevel { quiet ? .quiet : verbose ? .verbose : .normal }
}

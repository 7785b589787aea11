import ArgumentParser

/// How commands that change the host wait for each other.
struct LockOptions: ParsableArguments {
  @Option(
    name: .customLong("lock-timeout"),
    help: ArgumentHelp("How long to wait for another pcipass to end.", valueName: "seconds"))
  var lockTimeout = 0

  mutating func validate() throws {
    if !(0...86400).contains(lockTimeout) { throw ValidationError("--lock-timeout is 0 to 86400 seconds") }
  }
}

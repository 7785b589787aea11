import ArgumentParser

/// How long a command that changes the host waits for the lock.
struct LockOptions: ParsableArguments {
  @Option(
    name: .customLong("lock-timeout"),
    help: ArgumentHelp("The time to wait for another pcipass to finish, 0 to 86400 s.", valueName: "seconds"))
  var lockTimeout = 0

  mutating func validate() throws {
    if !(0...86400).contains(lockTimeout) {
      throw ValidationError("--lock-timeout must be 0 to 86400 seconds")
    }
  }
}

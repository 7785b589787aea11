import Files

extension Diagnostics {
  /// An error of one diagnostic: `PATH: reason`. Its code is `not-root` where root could do it.
  public init(code: String, _ error: FileError) {
    self.init(
      code: error.needsRoot ? "not-root" : code, error.description,
      help: error.needsRoot ? "run as root" : nil)
  }

  /// The error of code `unreadable` for a file that cannot be read.
  public static func unreadable(_ error: FileError) -> Diagnostics {
    Diagnostics(code: "unreadable", "cannot read \(error.path): \(error.reason)")
  }
}

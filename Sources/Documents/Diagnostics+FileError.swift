import Files

extension Diagnostics {
  /// An error of one diagnostic: `PATH: reason`.
  public init(code: String, _ error: FileError) { self.init(code: code, error.description) }

  /// The error of code `unreadable` for a file that cannot be read.
  public static func unreadable(_ error: FileError) -> Diagnostics {
    Diagnostics(code: "unreadable", "\(error.path) cannot be read: \(error.reason)")
  }
}

import Documents

extension Diagnostic {
  /// The warning that the boot record could not be updated.
  static func bootRecord(_ error: Diagnostics) -> Diagnostic {
    Diagnostic(
      .warning, code: "boot-record",
      "the boot record could not be updated: \(error.all.first?.placed ?? error.message)",
      help: error.all.first?.help ?? "a reboot sets up what was recorded before; the next command tries again"
    )
  }
}

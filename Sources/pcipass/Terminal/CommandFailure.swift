import Documents
import Planning

/// Why a command ends without having done what it was asked for. Commands throw it; `Pcipass.run` prints it.
struct CommandFailure: Error {
  /// Why a plan is refused; printed before the diagnostics.
  var refusals: [Refusal] = []
  var diagnostics: [Diagnostic] = []
  var status = ExitStatus.failure
}

extension CommandFailure {
  init(_ error: Diagnostics) { self.init(diagnostics: error.all) }
}

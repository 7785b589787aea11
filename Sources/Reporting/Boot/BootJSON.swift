import Documents
import Execution
import HostModel
import Planning

/// What `pcipass boot` has done, as JSON.
public enum BootJSON {
  /// The results for one host.
  public struct Document: Sendable {
    let host: String
    let results: [BootRun.Result]

    public init(host: String, results: [BootRun.Result]) {
      self.host = host
      self.results = results
    }
  }

  public static func text(_ document: Document) -> String { form.encode(document).text + "\n" }

  /// The document of the kind `BootResult`.
  public static let form = OutputForm<Document>.document(
    kind: "BootResult", "What was set up at boot.", host: \.host,
    [
      OutputField("functions", \.results, .list(of: result), "One entry for each recorded function.")
    ])

  private static let result = OutputForm<BootRun.Result>.record(
    "BootedFunction", "A recorded function.",
    [
      OutputField("nic", \.entry.nic, .text, "The NIC in the manifests."),
      OutputField("address", \.entry.address, PCIAddress.form.output, "The function."),
      OutputField(
        "guest", { $0.entry.guest.map { GuestReference(name: $0.name, manager: nil) } },
        optional: GuestReference.form.output, "The guest that claims it."),
      OutputField("steps", { $0.done.map(\.id) }, .list(of: .text), "The steps that were done."),
      OutputField("problem", \.problem, optional: problem, "Why it is not as recorded."),
    ])

  private static let problem = OutputForm<BootProblem>.record(
    "BootProblem", "Why a function was not set up.",
    [
      OutputField("code", \.code, .choice(), "The kind of the problem, as a stable keyword."),
      OutputField("message", \.message, .text, "The problem, as a sentence."),
      OutputField("help", \.help, optional: .text, "What to do."),
    ])
}

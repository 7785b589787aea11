import ArgumentParser
import Documents

/// The option for the commit of the manifests.
struct RevisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The commit of the manifests, recorded in the plan, the journal and the history. Default: read with git, \
      if the checkout belongs to the user who runs pcipass.
      """,
      valueName: "commit"))
  var revision: String?

  mutating func validate() throws {
    guard let revision else { return }
    guard (1...200).contains(revision.utf8.count), printable(revision) == revision, !revision.contains(" ")
    else {
      throw ValidationError("--revision is a name of 1 to 200 printable characters without spaces")
    }
  }

  /// The revision of the manifests in these paths; nil where it is unknown.
  func revision(of paths: [String]) -> String? { revision ?? Checkout.revision(of: paths) }
}

import Documents
import Files
import Hosts
import Manifests
import Planning
import SystemPackage

/// A plan file. Its steps are executed as root, so only root or the user who runs pcipass may have
/// written it, and pcipass must have produced its content. `apply` also makes the plan again, and
/// refuses the saved plan if the two differ.
enum SavedPlan {
  /// Writes the plan to a file that only its owner can read.
  static func write(_ plan: Plan, to path: String) throws(Diagnostics) {
    try writeFile(PlanDocument.text(of: plan), to: path, mode: [.ownerReadWrite])
  }

  /// Reads a plan file.
  ///
  /// - Throws: `untrusted-plan` if other users may have written the file, `bad-plan` if it is not a
  ///   plan, and the errors of reading it.
  static func read(_ path: String) throws(Diagnostics) -> Plan {
    guard path != "-", let file = try OwnedFile.read(path) else {
      throw Diagnostics(
        code: "untrusted-plan", "a saved plan must be a file, and \(path) is not a file",
        help: "save the plan to a file: pcipass checks the owner of that file")
    }
    guard let plan = try plan(in: file) else {
      throw Diagnostics(
        code: "bad-plan", "\(path) is not a saved plan", help: "pcipass plan --out and apply --out save one")
    }
    return plan
  }

  /// Reads the paths of `apply`: a single path may be a saved plan, all other paths are manifests.
  /// The file is read only once.
  static func orManifests(
    _ paths: [String], _ origin: OriginOptions
  ) throws(Diagnostics) -> (Plan?, LoadedManifests?) {
    guard paths.count == 1, let path = paths.first, path != "-", let file = try OwnedFile.read(path) else {
      return (nil, try origin.manifests(paths))
    }
    guard let plan = try plan(in: file) else {
      let source = Source(name: origin.origin ?? file.source.name, text: file.source.text)
      return (nil, try LoadedManifests(Loader.load(source, as: ManifestFormat(ofFile: path))))
    }
    guard origin.origin == nil else {
      throw Diagnostics(
        code: "usage",
        "--origin is an option of pcipass plan: a saved plan already contains the origins of its manifests")
    }
    return (plan, nil)
  }

  /// The plan in the file; nil if the file does not contain a plan.
  private static func plan(in file: OwnedFile) throws(Diagnostics) -> Plan? {
    guard let node = try PlanDocument.node(of: file.source) else { return nil }
    if let ownershipProblem = file.ownershipProblem {
      throw Diagnostics(
        code: "untrusted-plan", "this plan is not trusted: \(ownershipProblem.reason)",
        help: "make a new plan"
          + (ownershipProblem.help.map { ", or, if its text is known to be correct: \($0)" } ?? ""))
    }
    let plan = try PlanDocument.plan(node, from: file.source)
    try Fleet(hosts: [plan.request.host], guests: plan.request.guests).check()
    return plan
  }
}

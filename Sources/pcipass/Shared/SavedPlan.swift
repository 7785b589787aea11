import Documents
import Hosts
import Manifests
import Planning
import SystemPackage

/// A plan file. What is in it is carried out as root: so only root, or who runs pcipass, may have written it, and it
/// must be what pcipass wrote. `apply` plans it anew besides, and must come to the same.
enum SavedPlan {
  /// Readable by its owner only.
  static func write(_ plan: Plan, to path: String) throws {
    try orFailAtOnce { () throws(Diagnostic) in
      try writeFile(PlanDocument.text(of: plan), to: path, mode: [.ownerReadWrite])
    }
  }

  /// The plan in a file.
  static func read(_ path: String) throws -> Plan {
    guard path != "-", let file = try file(path) else {
      throw fail(
        "untrusted-plan", "a plan is taken back from a file only: \(path) is none",
        help: "nothing tells whose text it is; save it, and give the file")
    }
    guard let plan = try plan(in: file) else {
      throw fail("bad-plan", "\(path) is no plan", help: "plan --out and apply --out save one")
    }
    return plan
  }

  /// What `apply` was given: a plan, where the one path is that of one, or else manifests. The file is read once.
  static func orManifests(_ paths: [String]) throws -> (Plan?, Fleet?) {
    guard paths.count == 1, let path = paths.first, path != "-", let file = try file(path) else {
      return (nil, try loadFleet(paths))
    }
    if let plan = try plan(in: file) { return (plan, nil) }
    return (nil, try loadFleet(file.source))
  }

  private static func file(_ path: String) throws -> OwnedFile? {
    try orFailAtOnce { () throws(Diagnostic) in try OwnedFile.read(path) }
  }

  /// Nil where the file is of something else.
  private static func plan(in file: OwnedFile) throws -> Plan? {
    let node = try orFailAtOnce { () throws(Diagnostic) in try PlanDocument.node(of: file.source) }
    guard let node else { return nil }
    if let objection = file.objection {
      throw fail(
        "untrusted-plan", "this plan is not trusted: \(objection.reason)",
        help: "make a new plan"
          + (objection.help.map { ", or where its text is known to be right: \($0)" } ?? ""))
    }
    let plan = try orFail { () throws(Diagnostics) in try PlanDocument.plan(node, from: file.source) }
    let problems = FleetCheck.diagnostics(
      of: Fleet(hosts: [plan.request.host], guests: plan.request.guests))
    guard problems.isEmpty else { throw fail(problems) }
    return plan
  }
}

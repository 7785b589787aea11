import Documents
import Execution
import Files
import HostModel
import Planning

extension HostOptions {
  /// Throws `wrong-host` where the plan was made for another machine.
  func check(_ plan: Plan, isFor state: HostState) throws(Diagnostics) {
    try check(plan.hostMatch(on: state, named: host), of: plan, "this plan", state)
  }

  /// Throws `wrong-host` where the run was made on another machine.
  func check(_ journal: Journal, isFor state: HostState) throws(Diagnostics) {
    try check(journal.hostMatch(on: state, named: host), of: journal.header.plan, journal.name, state)
  }

  private func check(
    _ match: HostMatch, of plan: Plan, _ subject: String, _ state: HostState
  ) throws(Diagnostics) {
    switch match {
    case .sameHost: return
    case .otherMachine:
      throw Diagnostics(
        code: "wrong-host",
        "\(subject) is for another machine, which was named \(plan.host) when the plan was made",
        help: "make a new plan on this host; pcipass identifies a machine by machine-id(5), not by its name")
    case .otherName:
      throw Diagnostics(
        code: "wrong-host", "\(subject) is for \(plan.host), and this host is \(host ?? state.host)",
        help: "if this host is \(plan.host) in the manifests, use: --host \(shellWord(plan.host))")
    }
  }
}

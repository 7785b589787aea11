import Documents
import HostModel
import Manifests
import Planning

/// What a plan disrupts: the network of the host, and running guests.
struct PlanDisruptions {
  /// What the host uses of each function that it loses: `eth1: the default route (IPv4)`.
  let hostNetwork: [String]
  /// The names of the running guests.
  let guests: [String]

  init(_ plan: Plan) {
    var (uses, guests): ([String], [String]) = ([], [])
    for step in plan.steps {
      switch step.disturbs {
      case .nothing: break
      case .hostNetwork: uses += Self.uses(of: step, in: plan).filter { !uses.contains($0) }
      case .runningGuest:
        let name = printable(step.guest ?? step.action.guest?.name ?? "")
        if !guests.contains(name) { guests.append(name) }
      }
    }
    hostNetwork = uses
    self.guests = guests
  }

  /// The interfaces of the function that the host uses, as the facts of the plan list them; the function
  /// itself where they list none.
  private static func uses(of step: Step, in plan: Plan) -> [String] {
    let subject = step.action.function.map { "\($0)" } ?? ""
    let fact = plan.facts.first { $0.subject == subject && $0.attribute == "interfaces" }?.value ?? ""
    let used = fact.split(separator: ";").map { String($0.drop { $0 == " " }) }.filter { $0.contains(": ") }
    guard used.isEmpty else { return used.map { printable($0) } }
    if case .resize = step.action { return ["the VFs of \(subject)"] }
    return [subject]
  }

  /// The disruptions in a line without a full stop; nil where there are none.
  func text(_ style: Style) -> String? {
    var parts: [String] = []
    if !hostNetwork.isEmpty {
      parts.append(style.red("host network") + " (" + hostNetwork.joined(separator: "; ") + ")")
    }
    if !guests.isEmpty {
      parts.append(
        style.yellow("running guest\(guests.count == 1 ? "" : "s")") + " " + guests.joined(separator: ", "))
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

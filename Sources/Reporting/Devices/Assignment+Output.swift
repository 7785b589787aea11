import Documents
import HostModel
import Manifests
import Planning

/// A value that names guests by their managers, with the names that the manifests have for them.
@dynamicMemberLookup
struct Labelled<Value: Sendable>: Sendable {
  let value: Value
  let labels: GuestLabels

  subscript<Part>(dynamicMember path: KeyPath<Value, Part>) -> Part { value[keyPath: path] }
}

extension AssignedGuest {
  static let form = OutputForm<Labelled<AssignedGuest>>.record(
    "AssignedGuest", "A guest that has the function.",
    [
      OutputField("guest", { $0.labels.reference(to: $0.guest) }, GuestReference.form.output, "The guest."),
      OutputField(
        "guestNIC", \.guestNIC, optional: .text,
        "The guest's name for the NIC; absent where pcipass did not assign it."),
      OutputField(
        "defined", \.isDefined, .boolean, "Whether the definition has it, which the next start uses."),
      OutputField("live", \.isLive, .boolean, "Whether the running guest has it."),
      OutputField("managed", \.isManaged, .boolean, "Whether libvirt binds and releases it."),
      OutputField("alias", \.alias, optional: .text, "The id of the device."),
      OutputField("network", \.network, optional: .text, "The libvirt network that assigned it."),
    ])
}

extension Availability {
  /// The state as a stable keyword of the JSON format.
  enum State: String, CaseIterable, Sendable {
    case available
    case inUse = "in-use"
    case reserved, unknown
  }

  var state: State {
    switch self {
    case .available: .available
    case .inUse: .inUse
    case .reserved(let refusals): refusals.allSatisfy { $0.code == .unavailable } ? .unknown : .reserved
    }
  }

  private var guests: [GuestManager] { if case .inUse(let guests, _) = self { guests } else { [] } }

  private var processes: [Holder] { if case .inUse(_, let processes) = self { processes } else { [] } }

  var refusals: [Refusal] { if case .reserved(let refusals) = self { refusals } else { [] } }

  /// The state as text for people, with the guests and processes that use the function.
  var words: String {
    switch state {
    case .available: "available"
    case .inUse:
      "in use by "
        + (guests.map(\.name) + processes.map { "\($0.command) (process \($0.process))" })
        .joined(separator: ", ")
    case .reserved: "reserved"
    case .unknown: "unknown"
    }
  }

  static let form = OutputForm<Labelled<Assignable>>.record(
    "Assignable", "Whether the function can be assigned to a guest.",
    [
      OutputField(
        "state", \.availability.state, .choice(),
        "available; in-use by a guest or a process; reserved, where a plan would be refused; or unknown."),
      OutputField(
        "guests", { one in one.availability.guests.map { one.labels.reference(to: $0) } },
        .list(of: GuestReference.form.output), "The guests that have it."),
      OutputField(
        "processes", \.availability.processes, .list(of: OpenedBy.form), "Other processes that have it open."),
      OutputField(
        "refusals", { one in one.availability.refusals.map { Described($0, address: one.address) } },
        .list(of: Refusal.form.output), "Why a plan that assigns it would be refused."),
    ])
}

/// A function and whether it can be assigned.
struct Assignable: Sendable {
  let availability: Availability
  let address: PCIAddress?
}

/// The process that has a function open, as documents show it.
private enum OpenedBy {
  static let form = OutputForm<Holder>.record(
    "OpenedBy", "A process that has the function open.",
    [
      OutputField("process", \.process, .count, "Its process id."),
      OutputField("command", \.command, .text, "Its command name."),
    ])
}

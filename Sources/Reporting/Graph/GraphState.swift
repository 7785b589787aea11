import HostModel
import Planning

/// How a NIC is used now. Each state is drawn differently.
enum GraphNICState: String, CaseIterable {
  case host, assigned, split, idle, unknown, port

  /// - Parameter isHeld: whether a guest has the function.
  init(_ function: TopologyFunction, isHeld: Bool) {
    let interfaces = function.function?.interfaces ?? []
    if function.role == .port {
      self = .port
    } else if interfaces.contains(where: { $0.uses.value?.isEmpty == false }) {
      self = .host
    } else if isHeld || function.function?.holders.value?.isEmpty == false {
      self = .assigned
    } else if (function.function?.sriov?.count ?? 0) > 0 {
      self = .split
    } else if function.function == nil || interfaces.contains(where: { $0.uses.reason != nil }) {
      self = .unknown
    } else {
      self = .idle
    }
  }

  /// The entry of the legend; nil for a bridge.
  var legend: String? {
    switch self {
    case .host: "used by the host"
    case .assigned: "assigned, in the colour of its guest"
    case .split: "split into VFs"
    case .idle: "not in use"
    case .unknown: "use unknown"
    case .port: nil
    }
  }
}

/// The state of a guest, as far as a picture shows it.
enum GraphGuestState: String, CaseIterable {
  case running, paused, off, undefined, unknown

  init(_ guest: TopologyGuest) {
    switch guest.run {
    case .known(.running): self = .running
    case .known(.paused): self = .paused
    case .known(.shutoff), .known(.crashed): self = .off
    case .known(nil): self = .undefined
    case .known(.unknown), .unavailable: self = .unknown
    }
  }

  /// The entry of the legend.
  var legend: String {
    switch self {
    case .running: "running guest"
    case .paused: "paused guest"
    case .off: "shut-off guest"
    case .undefined: "guest that is not defined"
    case .unknown: "guest in an unknown state"
    }
  }
}

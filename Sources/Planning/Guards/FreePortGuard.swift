import Documents
import HostModel
import Manifests

/// Checks that a running guest has a free port for the function, or that its bus allows hot-unplug.
enum FreePortGuard {
  static let questions = [
    GuardQuestion(.leavingPort, .transition) { change, context in
      change.detach.filter { $0.part == .live }.compactMap { holding in
        context.port(of: holding, change).map {
          GuardResult(.freePort, guest: context.name(of: holding.guest), $0)
        }
      }
    },
    GuardQuestion(.ports, .transition) { change, context in
      guard let guest = change.hotplugTarget, let free = context.host.guests[guest]?.freePorts else {
        return []
      }
      return [GuardResult(.freePort, guest: context.name(of: guest), context.room(in: guest, free, change))]
    },
  ]
}

extension GuardContext {
  /// Returns `nil` if it is unknown which buses of the guest allow hot-unplug.
  fileprivate func port(
    of holding: Holding, _ change: ProposedChange
  ) -> GuardOutcome? {
    guard let bus = holding.hostdev.bus, host.guests[holding.guest]?.freePorts != nil else { return nil }
    if allowsHotplug(holding) { return .passed("\(bus) of \(name(of: holding.guest)) allows hot-unplug") }
    return .violated(
      Violation(
        .noPort,
        "\(change.address) is on \(bus) of \(name(of: holding.guest)), which does not allow hot-unplug",
        details: [holding.description], help: "shut down \(name(of: holding.guest)), then plan again"))
  }

  /// Whether the bus of the device allows hot-plug and hot-unplug, as far as that is known.
  private func allowsHotplug(_ holding: Holding) -> Bool {
    guard let bus = holding.hostdev.bus, let guest = host.guests[holding.guest], guest.freePorts != nil else {
      return true
    }
    return guest.buses.contains { $0.name == bus }
  }

  /// Returns whether the guest has a port for each device that it gets while it runs.
  fileprivate func room(
    in guest: GuestManager, _ free: Int, _ change: ProposedChange
  ) -> GuardOutcome {
    let count = changes.values.count { $0.hotplugTarget == guest }
    let freedByPlan = changes.values.flatMap(\.detach)
      .count { $0.guest == guest && $0.part == .live && allowsHotplug($0) }
    let ports = "\(free) free port\(free == 1 ? "" : "s")"
    guard count > free + freedByPlan else {
      return .passed(
        "\(name(of: guest)) has \(ports)" + (freedByPlan == 0 ? "" : ", and the plan frees \(freedByPlan),")
          + " for \(count) NIC\(count == 1 ? "" : "s")")
    }
    return .violated(
      Violation(
        .noPort,
        "\(name(of: guest)) has \(free == 0 ? "no free port" : "\(ports), too few for \(count) NICs"): "
          + "\(change.address) cannot be hot-plugged",
        help: guest.traits.portHelp + "; or set hotplug: false, and the guest gets the NIC at its next start",
        origin: change.candidate.guestClaim?.claim.from.location?.description))
  }
}

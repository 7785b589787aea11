import Documents
import HostModel
import Manifests

/// What a running guest can give and take.
extension Draft {
  /// A guest that stands still lets nothing go: neither what it has nor what it would get, should that have to
  /// be taken back.
  mutating func canAnswer(_ subject: Subject, _ decision: Decision) -> Bool {
    let places = decision.detach.map(\.placement) + decision.attach.map(\.placement)
    for placement in places where placement.part == .live {
      let guest = name(of: placement.guest)
      guard passes(.guestPaused, subject, guest: guest, run(of: placement.guest, subject)) else {
        return false
      }
    }
    for holding in decision.detach where holding.part == .live {
      let guest = name(of: holding.guest)
      guard passes(.noPort, subject, guest: guest, port(of: holding, subject)) else { return false }
    }
    return true
  }

  private func run(of manager: GuestManager, _ subject: Subject) -> Finding? {
    guard let guest = host.guests[manager] else { return nil }
    if guest.run == .running { return .clear("\(name(of: manager)) runs") }
    return .against(
      Objection(
        .guestPaused,
        "\(name(of: manager)) is \(guest.run.rawValue) and cannot let \(subject.address) go, now or when this is "
          + "taken back",
        help: "resume it, or shut it off"))
  }

  /// Nil where it is not known which buses let devices go.
  private func port(of holding: HostIndex.Holding, _ subject: Subject) -> Finding? {
    guard let bus = holding.hostdev.bus, host.guests[holding.guest]?.freePorts != nil else { return nil }
    if lets(holding) { return .clear("\(name(of: holding.guest)) lets it go from \(bus)") }
    return .against(
      Objection(
        .noPort,
        "\(subject.address) is on \(bus) of \(name(of: holding.guest)), which lets nothing go while it runs",
        details: [holding.description], help: "shut the guest off"))
  }

  /// Whether the bus that the device is on takes and gives devices while the guest runs, as far as that is known.
  private func lets(_ holding: HostIndex.Holding) -> Bool {
    guard let bus = holding.hostdev.bus, let guest = host.guests[holding.guest], guest.freePorts != nil else {
      return true
    }
    return guest.buses.contains { $0.name == bus }
  }

  /// The guests that have no room for all that they are to get while they run; each is refused with what to add.
  mutating func guestsWithoutPorts(_ subjects: [Subject]) -> Set<GuestManager> {
    var coming: [GuestManager: Int] = [:]
    var going: [GuestManager: Int] = [:]
    for subject in subjects {
      guard let decision = decisions[subject.address] else { continue }
      if let guest = decision.pluggedInto { coming[guest, default: 0] += 1 }
      for holding in decision.detach where holding.part == .live && lets(holding) {
        going[holding.guest, default: 0] += 1
      }
    }
    var full: Set<GuestManager> = []
    for subject in subjects {
      guard let guest = decisions[subject.address]?.pluggedInto, let free = host.guests[guest]?.freePorts
      else { continue }
      let finding = room(
        in: guest, free, becoming: going[guest, default: 0], for: coming[guest, default: 0], subject)
      if !passes(.noPort, subject, guest: name(of: guest), finding) { full.insert(guest) }
    }
    return full
  }

  private func room(
    in guest: GuestManager, _ free: Int, becoming: Int, for count: Int, _ subject: Subject
  ) -> Finding {
    let ports = "\(free) free port\(free == 1 ? "" : "s")"
    guard count > free + becoming else {
      return .clear(
        "\(name(of: guest)) has \(ports)" + (becoming == 0 ? "" : ", and \(becoming) that become free")
          + " for \(count) NIC\(count == 1 ? "" : "s")")
    }
    return .against(
      Objection(
        .noPort,
        "\(name(of: guest)) has \(free == 0 ? "no free port" : ports + ", and not enough") to plug "
          + "\(subject.address) into while it runs",
        help: guest.portHelp + ", or hotplug: false, and it gets the NIC at its next start",
        origin: subject.wanted?.claim.from.place?.description))
  }
}

extension GuestManager {
  /// What gives a guest another port.
  var portHelp: String {
    switch self {
    case .libvirt:
      "add <controller type='pci' model='pcie-root-port'/> to its definition for each and start it anew"
    case .qemu: "start it with -device pcie-root-port,id=NAME,chassis=NUMBER for each"
    }
  }
}

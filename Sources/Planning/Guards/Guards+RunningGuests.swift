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
      guard let guest = host.guests[placement.guest], guest.run != .running else { continue }
      refuse(
        .guestPaused, subject,
        "\(name(of: placement.guest)) is \(guest.run.rawValue) and cannot let \(subject.address) go, now or when "
          + "this is taken back",
        help: "resume it, or shut it off")
      return false
    }
    for holding in decision.detach where holding.part == .live && !lets(holding) {
      refuse(
        .noPort, subject,
        "\(subject.address) is on \(holding.hostdev.bus ?? "") of \(name(of: holding.guest)), which lets nothing "
          + "go while it runs",
        details: [holding.description], help: "shut the guest off")
      return false
    }
    return true
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
    var coming: [GuestManager: [Subject]] = [:]
    var going: [GuestManager: Int] = [:]
    for subject in subjects {
      guard let decision = decisions[subject.address] else { continue }
      if let guest = decision.pluggedInto { coming[guest, default: []].append(subject) }
      for holding in decision.detach where holding.part == .live && lets(holding) {
        going[holding.guest, default: 0] += 1
      }
    }
    var full: Set<GuestManager> = []
    for (guest, subjects) in coming {
      guard let free = host.guests[guest]?.freePorts, subjects.count > free + going[guest, default: 0] else {
        continue
      }
      full.insert(guest)
    }
    for subject in subjects {
      guard let guest = decisions[subject.address]?.pluggedInto, full.contains(guest) else { continue }
      let free = host.guests[guest]?.freePorts ?? 0
      let room =
        free == 0 ? "no free port" : "\(free) free port\(free == 1 ? "" : "s"), and not enough"
      refuse(
        .noPort, subject,
        "\(name(of: guest)) has \(room) to plug \(subject.address) into while it runs",
        help: Self.portHelp(guest),
        origin: subject.wanted?.claim.from.place?.description)
    }
    return full
  }

  private static func portHelp(_ guest: GuestManager) -> String {
    let port =
      switch guest {
      case .libvirt:
        "add <controller type='pci' model='pcie-root-port'/> to its definition for each and start it anew"
      case .qemu: "start it with -device pcie-root-port,id=NAME,chassis=NUMBER for each"
      }
    return port + ", or hotplug: false, and it gets the NIC at its next start"
  }
}

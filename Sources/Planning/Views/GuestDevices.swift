import Documents
import HostModel
import Manifests

/// The devices that a guest should have according to its manifest, for callers that assign them without a
/// plan (`pcipass render`).
public struct GuestDevices: Sendable, Equatable {
  public var hostdevs: [Hostdev]
  /// The reasons why not all devices are known. The others must not be used then.
  public var refusals: [Refusal]
  /// Functions that have an owner other than pcipass and that the manifest allows: an alias that
  /// this owner set is replaced.
  public var allowed: Set<PCIAddress> = []

  /// - Parameter resolved: the resolved request of the guest's host.
  public init(of guest: GuestManifest, _ resolved: ResolvedRequest) {
    let (request, host, resolution) = (resolved.request, resolved.host, resolved.resolution)
    // In this form of the manifest each claim names what it gets.
    let guest = request.guests.first { $0.name == guest.name } ?? guest
    let claimed = Set(guest.spec.nics.map(\.from.value.nic))
    hostdevs = []
    refusals =
      resolution.refusals.filter { refusal in
        refusal.nic.flatMap { NICReference($0) }.map { claimed.contains($0.nic) } ?? true
      }
      + resolved.assignmentRefusals.filter { refusal in
        refusal.guest == guest.name || refusal.guest == nil && refusal.nic.map(claimed.contains) ?? true
      }
    for claim in guest.spec.nics {
      let reference = claim.from.value
      if let function = resolution.functions[reference] {
        let nic = request.host.spec.nics.first { $0.name.value == reference.nic }
        if nic?.allow.contains(.ownership) ?? false {
          allowed.insert(function.address)
        } else if let network = host.networks.network(of: function), network.ownsMembers {
          refusals.append(
            Refusal(
              .ownership, nic: reference.description, guest: guest.name,
              "\(function.address) belongs to the libvirt network \(network.name), which assigns it to guests",
              help: "remove the VF from the network, or set allow: [ownership] on the NIC",
              origin: claim.from.location?.description))
        }
        hostdevs.append(claim.hostdev(function, in: guest.manager, of: request.host.name, host))
      } else if resolved.declared.host.isChoice(reference) {
        guard !refusals.contains(where: { $0.guest == guest.name || $0.nic == reference.entry }) else {
          continue
        }
        refusals.append(
          Refusal(
            .guestMissing, nic: reference.description, guest: guest.name,
            "\(guest.name) may run on several hosts and does not run on this one: no member of "
              + "\(reference.entry) is assigned to it", help: "start it here first",
            origin: claim.from.location?.description))
      } else if resolution.functions[NICReference(nic: reference.nic)] != nil {
        refusals.append(
          Refusal(
            .virtualFunctions, nic: reference.description, guest: guest.name,
            "the address of \(reference) is unknown: its PF does not show where its VFs will be",
            help: "create the VFs first: pcipass apply", origin: claim.from.location?.description))
      }
    }
  }
}

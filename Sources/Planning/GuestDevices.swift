import Documents
import HostModel
import Manifests

/// The devices that a guest is to have, for those who give them to it by other ways than steps.
public struct GuestDevices: Sendable, Equatable {
  public var hostdevs: [Hostdev]
  /// Why not all of them can be told; nothing should be made of the others then.
  public var refusals: [Refusal]

  public init(of guest: GuestManifest, _ request: Request, on state: HostState) {
    let claimed = Set(guest.spec.nics.map(\.from.value.nic))
    let resolution = Resolution(request.host, HostIndex(state))
    hostdevs = []
    refusals = resolution.refusals.filter { refusal in refusal.nic.map(claimed.contains) ?? true }
    for claim in guest.spec.nics {
      if claim.from.value.virtualFunction != nil {
        refusals.append(
          Refusal(
            .unsupported, nic: claim.from.value.nic, guest: guest.name,
            "this version of pcipass does not hand out virtual functions",
            origin: claim.from.place?.description))
      } else if let function = resolution.functions[claim.from.value.nic] {
        hostdevs.append(claim.hostdev(function, in: guest.manager))
      }
    }
  }
}

extension Claim {
  /// The device that the claim asks for, with pcipass's mark.
  func hostdev(_ function: PCIFunction, in manager: GuestManager) -> Hostdev {
    let mark =
      switch manager {
      case .libvirt: Ownership.libvirtAlias(of: name.value)
      case .qemu: Ownership.qemuID(of: name.value)
      }
    return Hostdev(address: function.address, alias: mark, isManaged: managed)
  }
}

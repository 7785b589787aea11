import Documents
import HostModel
import Manifests

extension Claim {
  /// The device that the claim asks for, with pcipass's mark. What libvirt itself sets on a VF is a part of it.
  func hostdev(
    _ function: PCIFunction, in manager: GuestManager, of hostName: String, _ host: HostIndex
  ) -> Hostdev {
    var hostdev = Hostdev(
      address: function.address, alias: manager.traits.mark(name.value), isManaged: managed, device: device)
    if device == .interface {
      hostdev.mac = settings.mac ?? function.virtualFunction.map { host.stableMAC(of: $0, on: hostName) }
      hostdev.vlan = settings.vlan?.id
    }
    return hostdev
  }
}

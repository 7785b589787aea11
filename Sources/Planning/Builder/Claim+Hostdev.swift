import Documents
import HostModel
import Manifests

extension Claim {
  /// Returns the device that the claim declares, with the ownership mark of pcipass. For a VF it includes
  /// what libvirt itself sets: the MAC address and the VLAN.
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

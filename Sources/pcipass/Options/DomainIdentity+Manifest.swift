import Documents
import HostModel
import Hosts
import Manifests
import Planning

extension DomainIdentity {
  /// The domain of a Guest manifest, among the domains of the host.
  init(of guest: GuestManifest, on state: HostState) {
    self.init(
      guest: guest.name,
      name: guest.isNamed ? Located(guest.manager.name, at: guest.metadata.name.location) : nil,
      uuid: guest.spec.libvirt?.uuid,
      domains: (state.libvirt.value ?? []).reduce(into: [:]) { domains, domain in
        if let uuid = domain.uuid { domains[uuid] = domain.name }
      })
  }
}

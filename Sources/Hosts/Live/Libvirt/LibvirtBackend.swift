import HostModel
import Manifests
import Planning

/// The manager of the libvirt domains.
struct LibvirtBackend: GuestBackend {
  let libvirt: Libvirt
  let timeouts: Timeouts

  func guests() -> Observed<[GuestState]> {
    do throws(LibvirtFailure) { return .known(try libvirt.domains()) } catch {
      return .unavailable(error.reason)
    }
  }

  /// A domain that no longer exists is left out.
  func guests(after changed: Set<String>, since before: [GuestState]) -> Observed<[GuestState]> {
    do throws(LibvirtFailure) {
      var states: [GuestState] = []
      for guest in before {
        let state = changed.contains(guest.name) ? try libvirt.domain(guest.name) : guest
        if let state { states.append(state) }
      }
      return .known(states)
    } catch {
      return .unavailable(error.reason)
    }
  }

  func guest(_ name: String) throws(HostFailure) -> GuestState? {
    do throws(LibvirtFailure) { return try libvirt.domain(name) } catch { throw HostFailure(error) }
  }

  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    try libvirt.attach(hostdev, to: placement.guest.name, placement.part, within: timeouts.step)
  }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    let domain = placement.guest.name
    switch placement.part {
    case .persistent: try libvirt.detach(hostdev, fromDefinitionOf: domain, within: timeouts.step)
    case .live:
      try libvirt.unplug(hostdev, from: domain, within: timeouts.step, answer: timeouts.unplug)
    }
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.ElementKind
  ) throws(HostFailure) -> DefinedDevice {
    try libvirt.definition(of: hostdev, in: placement.guest.name, as: device)
  }

  func edit(_ edit: EditDevice) throws(HostFailure) { try libvirt.edit(edit, within: timeouts.step) }

  func isBusy(with name: String) -> Bool { (try? libvirt.isBusy(with: name)) ?? false }
}

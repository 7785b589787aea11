import HostModel
import Manifests

extension HostIndex {
  /// Returns a notice for each domain that has a copy of a device which a rollback removes from another
  /// domain: `virt-clone` copies the device with the ownership mark. The UUID shows to which domain the plan
  /// added the device; the others keep their copies.
  ///
  /// - Parameter plan: the plan that is rolled back, with the names that its guests have now.
  func copies(of plan: Plan) -> [Notice] {
    let names = GuestNames(plan.request.guests, on: self)
    let changes = plan.steps.compactMap { step in
      step.action.changedDevice.map { (step, $0) }
    }
    // If the plan removed the device from a guest that has it again, that device is not a copy.
    let before = Set(
      changes.filter { !$0.1.isAdded }.map { DeviceInGuest($0.1.hostdev.address, $0.1.placement.guest) })
    var seen: Set<DeviceInGuest> = []
    return changes.filter(\.1.isAdded).flatMap { step, change -> [Notice] in
      let address = change.hostdev.address
      return domains(having: change.hostdev).compactMap { domain in
        let guest = GuestManager.libvirt(domain: domain.name)
        let device = DeviceInGuest(address, guest)
        guard guest != change.placement.guest, !before.contains(device), seen.insert(device).inserted else {
          return nil
        }
        return Notice(
          .copiedMark, nic: step.nic, guest: names[guest],
          "the libvirt domain \(domain.name) has a copy of \(address) with the mark \(change.hostdev.alias ?? "") and "
            + "keeps that copy: pcipass added the device to \(change.placement.guest.name)"
            + (step.guestUUID.map { " (\($0))" } ?? ""))
      }
    }
  }
}

private struct DeviceInGuest: Hashable {
  let address: PCIAddress
  let guest: GuestManager

  init(_ address: PCIAddress, _ guest: GuestManager) {
    self.address = address
    self.guest = guest
  }
}

import Documents
import HostModel
import Planning

/// What libvirt does with the definitions of domains, on a state.
extension SimulatedKernel {
  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.Device
  ) throws(HostFailure) -> DefinedDevice {
    let guest = try guest(placement.guest)
    let (index, found) = try defined(hostdev.address, in: guest)
    var others = guest.persistent ?? []
    others.remove(at: index)
    let rest = others.map { Hostdev.form.encode($0).text }.joined()
    do throws(Diagnostic) {
      return DefinedDevice(
        hostdev: found, element: try found.element(as: device), rest: SHA256.text(of: rest.utf8))
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }

  mutating func edit(_ edit: EditDevice) throws(HostFailure) {
    var guest = try guest(edit.placement.guest)
    let (index, found) = try defined(edit.to.address, in: guest)
    guard found.isSame(inLibvirt: edit.from) else {
      throw HostFailure(
        .refused, "the definition of \(guest.name) has changed at this moment", help: "plan again")
    }
    try checkAlias(edit.to, in: guest.persistent ?? [])
    var edited = edit.goal(for: found)
    if edited.element != nil {
      do throws(Diagnostic) { edited.element = try edited.libvirtXML() } catch {
        throw HostFailure(.refused, error.message)
      }
    }
    (edited.slotFunctions, edited.startAlias) = (found.slotFunctions, found.startAlias)
    guest.persistent?[index] = edited
    guest.renumber()
    try store(guest, edit.placement.guest)
  }

  private func defined(
    _ address: PCIAddress, in guest: GuestState
  ) throws(HostFailure) -> (index: Int, hostdev: Hostdev) {
    let index = guest.persistent?.firstIndex { $0.address == address && !$0.isArgument }
    guard let index, let hostdev = guest.persistent?[index] else {
      throw HostFailure(.refused, "\(guest.name) does not have \(address) in its definition")
    }
    return (index, hostdev)
  }

  /// No two devices of a domain have the same alias.
  func checkAlias(_ hostdev: Hostdev, in list: [Hostdev]) throws(HostFailure) {
    guard let alias = Ownership.userAlias(hostdev.alias),
      list.contains(where: { $0.alias == alias && $0.address != hostdev.address })
    else { return }
    throw refusal(.unsupported, .domain, "unsupported configuration: non unique alias detected: \(alias)")
  }
}

extension GuestState {
  /// The aliases at the next start, after the definition has changed; what refers to a device still does.
  mutating func renumber() {
    guard !references.isEmpty, var devices = persistent else { return }
    var renamed: [String: String] = [:]
    var number = 0
    let order =
      devices.indices.filter { devices[$0].device == .interface }
      + devices.indices.filter { devices[$0].device == .hostdev }
    for index in order where !devices[index].isArgument {
      let before = devices[index].startAlias
      if let alias = Ownership.userAlias(devices[index].alias) {
        devices[index].startAlias = alias
      } else {
        devices[index].startAlias = "hostdev\(number)"
        number += 1
      }
      if let before, let now = devices[index].startAlias { renamed[before] = now }
    }
    persistent = devices
    references = references.map { reference in
      AliasReference(place: reference.place, alias: renamed[reference.alias] ?? reference.alias)
    }
  }
}

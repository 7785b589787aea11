import Documents
import HostModel
import Manifests
import Planning

/// Simulates the changes that libvirt makes to the definitions of domains.
extension SimulatedKernel {
  /// A device of a definition, with a digest of the other devices, because a state contains only
  /// the devices of a definition.
  func definition(
    of hostdev: Hostdev, inDomain name: String, as device: Hostdev.ElementKind
  ) throws(HostFailure) -> DefinedDevice {
    let domain = try domain(name)
    let (index, found) = try defined(hostdev.address, in: domain)
    var others = domain.persistent ?? []
    others.remove(at: index)
    let rest = others.map { Hostdev.form.encode($0).text }.joined()
    do throws(Diagnostics) {
      return DefinedDevice(
        hostdev: found, element: try found.element(as: device), rest: SHA256.hexDigest(of: rest.utf8))
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }

  /// Edits a device of a definition. The device keeps its slot in the guest.
  mutating func edit(_ edit: EditDevice) throws(HostFailure) {
    var domain = try domain(edit.placement.guest.name)
    let (index, found) = try defined(edit.to.address, in: domain)
    guard found.isSame(inLibvirt: edit.from) else {
      throw HostFailure(
        .refused, "another program changed the definition of \(domain.name) at the same time",
        help: "plan again")
    }
    try checkAlias(edit.to, in: domain.persistent ?? [])
    var edited = edit.goal(for: found)
    if edited.element != nil {
      do throws(Diagnostics) { edited.element = try edited.libvirtXML() } catch {
        throw HostFailure(.refused, error.message)
      }
    }
    (edited.slotFunctions, edited.startAlias) = (found.slotFunctions, found.startAlias)
    domain.persistent?[index] = edited
    domain.renumber()
    store(domain, .libvirt)
  }

  private func defined(
    _ address: PCIAddress, in domain: GuestState
  ) throws(HostFailure) -> (index: Int, hostdev: Hostdev) {
    let index = domain.persistent?.firstIndex { $0.address == address && !$0.isCommandLineArgument }
    guard let index, let hostdev = domain.persistent?[index] else {
      throw .notDefined(address, in: domain.name)
    }
    return (index, hostdev)
  }

  /// Throws if another device of the domain has the alias.
  func checkAlias(_ hostdev: Hostdev, in list: [Hostdev]) throws(HostFailure) {
    guard let alias = Ownership.userAlias(hostdev.alias),
      list.contains(where: { $0.alias == alias && $0.address != hostdev.address })
    else { return }
    throw refusal(.unsupported, .domain, "unsupported configuration: non unique alias detected: \(alias)")
  }
}

extension GuestState {
  /// Sets the aliases that libvirt generates at the next start, after the definition has changed.
  /// Each reference to a device by alias still refers to the same device afterwards.
  mutating func renumber() {
    guard !references.isEmpty, var devices = persistent else { return }
    var renamed: [String: String] = [:]
    var number = 0
    let order =
      devices.indices.filter { devices[$0].device == .interface }
      + devices.indices.filter { devices[$0].device == .hostdev }
    for index in order where !devices[index].isCommandLineArgument {
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
      AliasReference(usage: reference.usage, alias: renamed[reference.alias] ?? reference.alias)
    }
  }
}

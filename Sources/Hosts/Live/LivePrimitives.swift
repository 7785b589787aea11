import Glibc
import HostModel
import Manifests
import Planning

/// The primitives of the host that pcipass runs on.
struct LivePrimitives: HostPrimitives, Sendable {
  var files: Sysfs
  /// Nil where the host is only a tree of files.
  let libvirt: Libvirt?
  let qemu: QEMUGuests?
  let timeouts: Timeouts

  func hasDriver(_ name: String) -> Bool { Modules.hasDriver(name) }

  func load(module: String) throws(HostFailure) { try Modules.load(module, files.trace) }

  func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState? {
    switch manager {
    case .libvirt(let domain):
      let libvirt = try libvirtHere()
      do throws(LibvirtFailure) { return try libvirt.domain(domain) } catch { throw HostFailure(error) }
    case .qemu(let socket): return try qemuHere().guest(socket)
    }
  }

  func attach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    switch placement.guest {
    case .libvirt(let domain):
      try libvirtHere().attach(hostdev, to: domain, placement.part, within: timeouts.step)
    case .qemu(let socket): try qemuHere().attach(hostdev, to: socket, timeouts)
    }
  }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    if case .libvirt(let domain) = placement.guest, placement.part == .persistent {
      return try libvirtHere().detach(hostdev, fromDefinitionOf: domain, within: timeouts.step)
    }
    let release = Release { [files] in files.holders(of: [hostdev.address])[hostdev.address] ?? .known([]) }
    switch placement.guest {
    case .libvirt(let domain):
      try libvirtHere().unplug(hostdev, from: domain, within: timeouts.step, answer: timeouts.unplug)
    case .qemu(let socket): try qemuHere().unplug(hostdev, from: socket, timeouts)
    }
    release.wait()
  }

  func definition(
    of hostdev: Hostdev, _ placement: Placement, as device: Hostdev.Device
  ) throws(HostFailure) -> DefinedDevice {
    try libvirtHere().definition(of: hostdev, in: placement.guest.name, as: device)
  }

  func edit(_ edit: EditDevice) throws(HostFailure) {
    try libvirtHere().edit(edit, within: timeouts.step)
  }

  /// A QEMU answers no request while it works on another one.
  func isBusy(with guest: GuestManager) -> Bool {
    guard case .libvirt(let domain) = guest else { return false }
    return (try? libvirt?.isBusy(with: domain)) ?? false
  }

  private func libvirtHere() throws(HostFailure) -> Libvirt {
    guard let libvirt else { throw .onlyFiles }
    return libvirt
  }

  private func qemuHere() throws(HostFailure) -> QEMUGuests {
    guard let qemu else { throw .onlyFiles }
    return qemu
  }
}

extension HostFailure {
  fileprivate static let onlyFiles = HostFailure(.unsupported, "a tree of files cannot be changed")
}

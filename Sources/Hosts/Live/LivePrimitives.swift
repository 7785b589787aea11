import HostModel
import Planning

/// The primitives of the host that pcipass runs on.
struct LivePrimitives: HostPrimitives, Sendable {
  var files: Sysfs
  let managers: GuestBackends
  let timeouts: Timeouts

  func hasDriver(_ name: String) -> Bool { KernelModules.hasDriver(name) }

  func load(module: String) throws(HostFailure) { try KernelModules.load(module, files.trace) }

  func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    let backend = try backend(of: placement.guest)
    guard placement.part == .live else { return try backend.detach(hostdev, placement) }
    let release = ReleaseWait { [files] in files.holders(of: [hostdev.address])[hostdev.address] ?? .known([])
    }
    try backend.detach(hostdev, placement)
    release.wait()
  }
}

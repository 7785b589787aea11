import Files
import Glibc
import HostModel
import SystemPackage

/// Determines which processes have which functions open, through VFIO or through InfiniBand devices.
///
/// An open VFIO file is the reliable sign of use: while an unbind waits for QEMU, the function's `driver`
/// link is already gone. InfiniBand devices are how DPDK uses mlx5 ports, whose driver stays bound.
struct HolderReader {
  private let scan: ProcessScan
  private var ofFunction: [PCIAddress: [Holder]] = [:]
  private let infiniBand: InfiniBandFiles
  /// A process that has a VFIO device open whose function is unknown, so that it may be any function without
  /// a driver.
  private var orphan: String?

  /// Whether a process could have this function open through VFIO. The kernel does not allow that while a
  /// native driver is bound.
  static func couldBeHeld(_ function: PCIFunction) -> Bool {
    guard let driver = function.driver else {
      return function.deviceClass.isNetwork || function.driverOverride != nil
    }
    return Drivers.isVFIO(driver)
  }

  init(_ scan: ProcessScan, _ infiniBand: InfiniBandFiles, _ tree: borrowing Tree, _ scratch: Scratch) {
    self.scan = scan
    self.infiniBand = infiniBand
    let vfio = try? SharedFolder(tree.folder("sys/class/vfio-dev"))
    for (file, holders) in scan.holders {
      switch file {
      case .group: continue
      case .infiniBand(let name):
        if let address = infiniBand.functions[name] { ofFunction[address, default: []] += holders }
      case .device(let number):
        // The link in `/sys/class/vfio-dev` leads to the function.
        if let link = try? vfio?.folder.link("vfio\(number)", scratch), let address = nearestFunction(link)?.0
        {
          ofFunction[address, default: []] += holders
        } else if let holder = holders.first {
          orphan =
            "process \(holder.process) has /dev/vfio/devices/vfio\(number) open, which no longer belongs to a function"
        }
      }
    }
  }

  /// The processes that have this function open, or its VFIO group, in the order of their ids.
  func holders(of function: PCIFunction) -> Observed<[Holder]> {
    let couldBeHeld = Self.couldBeHeld(function)
    guard couldBeHeld || infiniBand.has(function) else { return .known([]) }
    var found = ofFunction[function.address] ?? []
    for isWithoutIOMMU in [false, true] where couldBeHeld {
      guard let group = function.iommuGroup else { continue }
      let holders = scan.holders[.group(group, isWithoutIOMMU: isWithoutIOMMU)] ?? []
      found += holders.filter { holder in !found.contains { $0.process == holder.process } }
    }
    if !found.isEmpty { return .known(found.sorted { $0.process < $1.process }) }
    if function.driver == nil, let orphan { return .unavailable(orphan) }
    return scan.problem.map { .unavailable($0) } ?? .known([])
  }
}

import Glibc
import HostModel
import SystemPackage

/// Finds the processes that hold VFIO groups and devices open. This is the true test for use: while an
/// unbind waits for QEMU, the function's `driver` link is already gone.
struct HolderReader {
  private enum Target: Hashable { case group(Int), device(Int) }

  private var holders: [Target: [Holder]] = [:]
  private var ofFunction: [PCIAddress: [Holder]] = [:]
  /// Why somebody may hold something and not have been seen.
  private var problem: String?
  /// A held device file that no function has any more, so that it cannot be said whose it is.
  private var orphan: String?

  /// Whether somebody could hold this function. A driver of the host's rules that out, as the kernel does.
  static func couldBeHeld(_ function: PCIFunction) -> Bool {
    guard let driver = function.driver else {
      return function.deviceClass.isNetwork || function.driverOverride != nil
    }
    return Drivers.opensVFIO(driver)
  }

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    do {
      let proc = try tree.folder("proc")
      // In a container of processes the others are not there to be seen; this is the first namespace's number.
      if tree.isLive, try !tree.folder("proc/self/ns").link("pid", scratch).isEqual(to: "pid:[4026531836]") {
        problem = "the processes of the host cannot be seen from this PID namespace"
      }
      for process in try proc.processes() { visit(process, proc, tree, scratch) }
      matchDevices(tree, scratch)
    } catch {
      if tree.isLive || error != .noSuchFileOrDirectory {
        problem = tree.name(of: "proc") + ": " + error.description
      }
    }
  }

  private mutating func visit(
    _ process: Int, _ proc: borrowing Folder, _ tree: borrowing Tree, _ scratch: Scratch
  ) {
    var targets: Set<Target> = []
    let command: String
    do {
      // In one step, as there are hundreds, most of them the kernel's own with nothing open.
      try proc.entries(of: "\(process)/fd") { open, name in
        // It may be closed by now.
        if let link = try? Folder.link(name, in: open, scratch), let target = Self.target(link) {
          targets.insert(target)
        }
        return true
      }
      guard !targets.isEmpty else { return }
      command = (try? proc.folder(String(process)).read("comm", scratch).trimmed.text) ?? ""
    } catch {
      // A process that has ended holds nothing.
      if error == .noSuchFileOrDirectory || error == .noSuchProcess { return }
      let who = error == .permissionDenied || error == .notPermitted ? "not root: " : ""
      problem = problem ?? who + tree.name(of: "proc/\(process)/fd") + ": " + error.description
      return
    }
    for target in targets { holders[target, default: []].append(Holder(process: process, command: command)) }
  }

  /// `/dev/vfio/8` is a group, `/dev/vfio/devices/vfio3` a device; ` (deleted)` where it was unbound since.
  private static func target(_ link: Bytes) -> Target? {
    guard link.hasPrefix("/dev/vfio/") else { return nil }
    var rest = link.dropping(10)
    rest = Bytes.cut(&rest, at: UInt8(ascii: " "))
    if rest.hasPrefix("devices/vfio") { return rest.dropping(12).decimal.map(Target.device) }
    return rest.decimal.map(Target.group)
  }

  /// `/sys/class/vfio-dev/vfioN` leads to the function that the device file is of.
  private mutating func matchDevices(_ tree: borrowing Tree, _ scratch: Scratch) {
    let folder = try? SharedFolder(tree.folder("sys/class/vfio-dev"))
    for (target, holders) in holders {
      guard case .device(let number) = target, let holder = holders.first else { continue }
      if let link = try? folder?.folder.link("vfio\(number)", scratch), let address = nearestFunction(link)?.0
      {
        ofFunction[address, default: []] += holders
      } else {
        orphan =
          "process \(holder.process) holds /dev/vfio/devices/vfio\(number), which no function shows any more"
      }
    }
  }

  func holders(of function: PCIFunction) -> Observed<[Holder]> {
    guard Self.couldBeHeld(function) else { return .known([]) }
    var found = ofFunction[function.address] ?? []
    for holder in function.iommuGroup.flatMap({ holders[.group($0)] }) ?? [] where !found.contains(holder) {
      found.append(holder)
    }
    if !found.isEmpty { return .known(found.sorted { $0.process < $1.process }) }
    if function.driver == nil, let orphan { return .unavailable(orphan) }
    return problem.map { .unavailable($0) } ?? .known([])
  }
}

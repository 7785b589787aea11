import Files
import Glibc
import HostModel
import SystemPackage

/// Reads the properties of functions that doctor needs and plans do not: reset methods and
/// isolation (ACS).
struct FunctionSurvey {
  let functions: [PCIFunction]
  let scratch: Scratch

  private func folder(of function: PCIFunction, _ tree: borrowing Tree) throws(Errno) -> Folder {
    // Links are not followed in a captured tree, so the path below `/sys/devices` is used there.
    if !tree.isLive, let path = function.path { return try tree.folder("sys/devices/" + path) }
    return try tree.folder("sys/bus/pci/devices/\(function.address)")
  }

  /// How each NIC can be reset. The file `reset` exists if the kernel has a method, and
  /// `reset_method` lists the methods (Linux, Documentation/ABI/testing/sysfs-bus-pci).
  func resets(_ tree: borrowing Tree) -> Observed<[PCIAddress: ResetMethods]> {
    var result: [PCIAddress: ResetMethods] = [:]
    var problem: String?
    for function in functions where function.deviceClass.isNetwork {
      do {
        let folder = try folder(of: function, tree)
        let names = try folder.readIfPresent("reset_method", scratch).map { $0.trimmed.fields.map(\.text) }
        result[function.address] = ResetMethods(
          isPossible: names.map { !$0.isEmpty } ?? folder.has("reset"), names: names ?? [])
      } catch { problem = problem ?? "\(function.address): \(error.description)" }
    }
    return result.isEmpty ? problem.map { .unavailable($0) } ?? .known([:]) : .known(result)
  }

  /// The ACS state of functions that share an IOMMU group with a NIC, and of the ports above them. Other
  /// functions are not read, because configuration space is slow.
  func isolation(_ tree: borrowing Tree) -> Observed<[PCIAddress: Isolation]> {
    let groups = Dictionary(grouping: functions.filter { $0.iommuGroup != nil }, by: \.iommuGroup).values
      .filter { $0.count > 1 && $0.contains { $0.deviceClass.isNetwork } }
    let members = groups.joined()
    let above = Set(members.flatMap(\.way))
    let wanted = Set(members.map(\.address)).union(above)
    var result: [PCIAddress: Isolation] = [:]
    var problem: String?
    for function in functions where wanted.contains(function.address) {
      do {
        if let isolation = try isolation(of: function, tree) {
          result[function.address] = isolation
        } else {
          problem = problem ?? "not root: the kernel shows only a part of the configuration space"
        }
      } catch  where error == .noSuchFileOrDirectory {
        problem = problem ?? "the kernel does not show the configuration space of \(function.address)"
      } catch { problem = problem ?? "\(function.address)/config: \(error.description)" }
    }
    return problem.map { .unavailable($0) } ?? .known(result)
  }

  /// The id of the ACS extended capability (PCI_EXT_CAP_ID_ACS in `linux/pci_regs.h`).
  private static let accessControl: UInt32 = 0x000D
  /// REQ_ACS_FLAGS of the kernel (drivers/iommu/iommu.c): source validation, request redirect, completion
  /// redirect and upstream forwarding.
  private static let required: UInt32 = 0b1_1101

  /// Nil if the kernel does not show the extended configuration space.
  private func isolation(of function: PCIFunction, _ tree: borrowing Tree) throws(Errno) -> Isolation? {
    let config = try folder(of: function, tree).file("config")
    switch try ExtendedCapability.find(Self.accessControl, in: config, scratch) {
    case .hidden:
      // A conventional PCI function has 256 bytes and no extended capabilities.
      let status = try Stat(FileDescriptor(rawValue: config.descriptor))
      return status.size <= 256 ? Isolation.absent : nil
    case .none: return Isolation.absent
    case .at(let offset):
      // The low half has the capabilities, the high half the control bits.
      guard let word = try config.word(offset + 4, scratch) else { return nil }
      return word >> 16 & Self.required == Self.required ? .complete : .incomplete
    }
  }
}

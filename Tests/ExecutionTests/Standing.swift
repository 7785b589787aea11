import HostModel
import Manifests
import Planning
import TestSupport

/// The part of a host's state that a plan and its rollback must leave unchanged.
///
/// It leaves out: modules and drivers that were loaded, remembered identities, an interface's
/// addresses and whether it is up (unbinding loses both), process numbers, the order of a guest's
/// devices, and the simulation's own notes. An override that equals the driver's name counts as no
/// override: libvirt clears it when it reattaches a device to the host.
struct Standing: Equatable, CustomStringConvertible {
  let lines: [String]

  /// - Parameter isPlaced: whether to compare the guest addresses of devices, which libvirt assigns
  ///   in the order in which devices are added.
  init(_ state: HostState, isPlaced: Bool = true) {
    var lines: [String] = []
    for function in state.functions {
      var words = [
        function.driver ?? "no driver",
        function.driverOverride.map { $0 == function.driver ? "" : "override \($0)" } ?? "",
        function.interfaces.map(\.name).joined(separator: " "),
        (function.holders.value ?? []).isEmpty ? "free" : "held",
      ]
      if let sriov = function.sriov {
        words.append("\(VFSet(count: sriov.count, autoprobe: sriov.autoprobe))")
      }
      if let place = function.virtualFunction { words.append(place.settings.value?.description ?? "unknown") }
      lines.append("\(function.address): " + words.joined(separator: ", "))
    }
    for (manager, guest) in state.allGuests {
      for (part, list) in [("persistent", guest.persistent), ("live", guest.live)] {
        let devices = list?.map { device in
          "\(device.address) \(Self.given(device.alias)) \(device.isManaged ? "managed" : "unmanaged") "
            + (isPlaced ? Self.place(of: device) : "somewhere")
            + (device.device == .interface ? " as \(device.mac?.description ?? "-") \(device.vlan ?? 0)" : "")
        }
        lines.append(
          "\(manager.name) \(guest.run) \(part): " + (devices?.sorted().joined(separator: "; ") ?? "none"))
      }
    }
    self.lines = lines
  }

  private static func place(of device: Hostdev) -> String {
    device.guestAddress.map { "at \($0)" } ?? device.bus.map { "on \($0)" } ?? "anywhere"
  }

  /// The alias; `-` for one that libvirt generated, which may change when the device is reattached.
  private static func given(_ alias: String?) -> String {
    alias.flatMap { $0.hasPrefix("hostdev") ? nil : $0 } ?? "-"
  }

  var description: String { lines.joined(separator: "\n") }

  /// The lines that differ, for an expectation's comment.
  func difference(from other: Standing) -> String {
    let mine = Set(lines)
    let others = Set(other.lines)
    return
      (others.subtracting(mine).sorted().map { "- " + $0 }
      + mine.subtracting(others).sorted().map { "+ " + $0 })
      .joined(separator: "\n")
  }
}

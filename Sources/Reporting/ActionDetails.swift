import Documents
import HostModel
import Planning

/// What an action changes, value by value: before and after.
enum ActionDetails {
  static func lines(_ action: Action) -> [String] {
    let lines: [String] =
      switch action {
      case .load: []
      case .bind(_, let from, let to):
        [change("driver", from.driver, to.isKernelsChoice ? "the kernel's choice" : to.driver)]
          + [change("driver_override", from.override, to.override)]
      case .resize(_, let from, let to): [change("VFs", "\(from)", "\(to)")] + settings(from) + settings(to)
      case .configure(_, let from, let to): [change("settings", "\(from)", "\(to)")]
      case .attach(let hostdev, _), .detach(let hostdev, _): words(hostdev)
      }
    return lines.map { printable($0) }
  }

  private static func change(_ what: String, _ from: String?, _ to: String?) -> String {
    from == to ? "\(what): \(from ?? "none"), stays" : "\(what): \(from ?? "none") → \(to ?? "none")"
  }

  private static func settings(_ vfs: VFSet) -> [String] {
    vfs.settings.enumerated().filter { !$1.isEmpty }.map { "VF \($0): \($1)" }
  }

  private static func words(_ hostdev: Hostdev) -> [String] {
    [
      hostdev.alias.map { "alias: \($0)" }, "managed: \(hostdev.isManaged ? "yes" : "no")",
      hostdev.guestAddress.map { "in the guest at: \($0)" }, hostdev.bus.map { "on the bus: \($0)" },
      hostdev.driver.map { "driver: \($0)" }, hostdev.mac.map { "MAC: \($0)" },
      hostdev.vlan.map { "VLAN: \($0)" },
    ].compactMap { $0 }
  }
}

import Documents
import HostModel
import Manifests

/// Checks the references to devices by alias in a definition. An edit also changes the references
/// that libvirt defines. The meaning of other QEMU arguments is unknown, and references to a device
/// stay when the device is removed.
enum AliasReferenceGuard {
  static let questions = [
    GuardQuestion(.aliasReference, .transition) { change, context in
      let edits = change.edits.map { ($0.holding, Optional($0.attachment.hostdev)) }
      let leaving = change.detach.filter { holding in
        holding.part == .persistent && !edits.contains { $0.0.placement == holding.placement }
      }.map { ($0, Hostdev?.none) }
      return (edits + leaving).compactMap { holding, goal in
        context.references(to: holding, as: goal).map {
          GuardResult(.aliasReference, guest: context.name(of: holding.guest), $0)
        }
      }
    }
  ]
}

extension GuardContext {
  /// Returns `nil` if the definition refers to no device.
  fileprivate func references(
    to holding: Holding, as goal: Hostdev?
  ) -> GuardOutcome? {
    guard let guest = host.guests[holding.guest], !guest.references.isEmpty else { return nil }
    let renaming = AliasRenaming(of: holding.hostdev, as: goal, in: guest)
    let lost = guest.references.filter { reference in
      goal == nil
        ? reference.alias == holding.hostdev.startAlias || renaming.isMoved(reference.alias)
        : reference.usage == .argument && renaming.isMoved(reference.alias)
    }
    let name = name(of: holding.guest)
    guard let first = lost.first else {
      return .passed("the alias references in the definition of \(name) still refer to the same devices")
    }
    return .violated(
      Violation(
        .aliasReference,
        "the definition of \(name) refers to \(first.alias) in \(first.usage.words), which would then refer to "
          + (goal == nil ? "another device or none" : "another device"),
        details: lost.map { "\($0.alias) in \($0.usage.words)" },
        help:
          "remove the reference, or set a user alias (ua-…) on the device that is meant, and refer to that alias: "
          + "virsh edit \(holding.guest.name)"))
  }
}

/// The aliases of devices in a definition after one of them gets another alias or is removed. libvirt numbers
/// the devices that have no user alias (`hostdev0`, `hostdev1`, …) in their order at each start.
struct AliasRenaming {
  private let names: [String: String]

  /// - Parameter goal: the device afterwards; `nil` if it is removed.
  init(of hostdev: Hostdev, as goal: Hostdev?, in guest: GuestState) {
    var names: [String: String] = [:]
    let aliases = Set(guest.references.map(\.alias) + (guest.persistent ?? []).compactMap(\.startAlias))
    let old = hostdev.startAlias
    let new = goal.flatMap { Ownership.userAlias($0.alias) }
    if let old, let new, old != new { names[old] = new }
    if let number = Self.number(old) {
      // The device is no longer numbered, so the devices after it move up.
      if goal == nil || new != nil {
        for alias in aliases {
          if let other = Self.number(alias), other > number { names[alias] = "hostdev\(other - 1)" }
        }
      }
    } else if let old, let goal, new == nil {
      let number = Self.number(of: goal, in: guest)
      names[old] = "hostdev\(number)"
      for alias in aliases {
        if let other = Self.number(alias), other >= number { names[alias] = "hostdev\(other + 1)" }
      }
    }
    self.names = names
  }

  /// Whether another device has the alias afterwards, or none.
  func isMoved(_ alias: String) -> Bool { names[alias] != nil }

  /// Returns the alias that the same device has afterwards.
  subscript(alias: String) -> String { names[alias] ?? alias }

  private static func number(_ alias: String?) -> Int? {
    guard let alias, alias.hasPrefix("hostdev") else { return nil }
    return Int(alias.dropFirst("hostdev".count))
  }

  /// Returns the number of a device that loses its user alias: the next one after the devices before it.
  /// libvirt numbers interfaces of type hostdev first.
  private static func number(of hostdev: Hostdev, in guest: GuestState) -> Int {
    let devices = (guest.persistent ?? []).filter { !$0.isCommandLineArgument }
    let order = devices.filter { $0.device == .interface } + devices.filter { $0.device == .hostdev }
    let before = order.prefix { $0.address != hostdev.address }
    return (before.compactMap { number($0.startAlias) }.max() ?? -1) + 1
  }
}

extension AliasReference.Usage {
  /// The part of the definition that contains the reference.
  public var words: String {
    switch self {
    case .override: "<qemu:override>"
    case .set, .argument: "<qemu:commandline>"
    }
  }
}

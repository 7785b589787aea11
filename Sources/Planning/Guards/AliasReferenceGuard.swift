import Documents
import HostModel
import Manifests

/// What a definition says of a device by its alias stays with that device. An edit takes the references along that libvirt
/// itself understands; it cannot know what other arguments mean, and what leaves takes nothing along.
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
  /// Nil where the definition refers to no device.
  fileprivate func references(
    to holding: Holding, as goal: Hostdev?
  ) -> GuardOutcome? {
    guard let guest = host.guests[holding.guest], !guest.references.isEmpty else { return nil }
    let renaming = AliasRenaming(of: holding.hostdev, as: goal, in: guest)
    let lost = guest.references.filter { reference in
      goal == nil
        ? reference.alias == holding.hostdev.startAlias || renaming.isMoved(reference.alias)
        : reference.place == .argument && renaming.isMoved(reference.alias)
    }
    let name = name(of: holding.guest)
    guard let first = lost.first else {
      return .passed("what the definition of \(name) refers to stays the same")
    }
    return .violated(
      Violation(
        .aliasReference,
        "the definition of \(name) refers to \(first.alias) in \(first.place.words), which "
          + (goal == nil ? "would be another device, or none" : "would be another device"),
        details: lost.map { "\($0.alias) in \($0.place.words)" },
        help:
          "remove the reference, or give the device that it is about an alias of its own and refer to that: "
          + "virsh edit \(holding.guest.name)"))
  }
}

/// Which aliases devices of a definition get where one of them gets another alias, or leaves. libvirt numbers those that have
/// no alias from a user.
struct AliasRenaming {
  private let names: [String: String]

  /// - Parameter goal: nil where the device leaves.
  init(of hostdev: Hostdev, as goal: Hostdev?, in guest: GuestState) {
    var names: [String: String] = [:]
    let aliases = Set(guest.references.map(\.alias) + (guest.persistent ?? []).compactMap(\.startAlias))
    let old = hostdev.startAlias
    let new = goal.flatMap { Ownership.userAlias($0.alias) }
    if let old, let new, old != new { names[old] = new }
    if let number = Self.number(old) {
      // It is numbered no more.
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

  /// Whether the alias is another device's afterwards.
  func isMoved(_ alias: String) -> Bool { names[alias] != nil }

  /// The alias of the same device afterwards.
  subscript(alias: String) -> String { names[alias] ?? alias }

  private static func number(_ alias: String?) -> Int? {
    guard let alias, alias.hasPrefix("hostdev") else { return nil }
    return Int(alias.dropFirst("hostdev".count))
  }

  /// The number that a device gets that has no alias from a user any more: behind those before it.
  private static func number(of hostdev: Hostdev, in guest: GuestState) -> Int {
    let devices = (guest.persistent ?? []).filter { !$0.isArgument }
    let order = devices.filter { $0.device == .interface } + devices.filter { $0.device == .hostdev }
    let before = order.prefix { $0.address != hostdev.address }
    return (before.compactMap { number($0.startAlias) }.max() ?? -1) + 1
  }
}

extension AliasReference.Place {
  /// In which part of the definition it is.
  public var words: String {
    switch self {
    case .override: "<qemu:override>"
    case .set, .argument: "<qemu:commandline>"
    }
  }
}

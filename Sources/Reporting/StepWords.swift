import Documents
import HostModel
import Manifests
import Planning

/// A step in words, the same wherever it is shown.
public enum StepWords {
  /// `+` comes, `-` goes, `~` changes, `-/+` goes and comes back.
  static func symbol(_ step: Step) -> String {
    if [.replaced, .adopted].contains(step.reason) { return "-/+" }
    return switch step.action {
    case .load, .attach: "+"
    case .detach: "-"
    case .resize(_, let from, let to): from.count == 0 ? "+" : to.count == 0 ? "-" : "-/+"
    case .bind, .configure: "~"
    }
  }

  static func sentence(_ action: Action) -> String {
    let text =
      switch action {
      case .load(let module): "load the kernel module \(module)"
      case .bind(let address, let from, let to): "bind \(address): \(from) → \(to)"
      case .resize(let address, let from, let to):
        from.count == 0
          ? "give \(address) \(to.words)"
          : to.count == 0
            ? "take all \(from.words) from \(address)"
            : "replace all VFs of \(address): \(from.count) → \(to.count)"
      case .configure(let place, let from, let to):
        "set VF \(place.index) of \(place.physicalFunction): \(from) → \(to)"
      case .attach(let hostdev, let placement):
        "attach \(hostdev.address)\(mark(hostdev)) to \(words(placement))\(words(of: hostdev, in: placement))"
      case .detach(let hostdev, let placement):
        "detach \(hostdev.address)\(mark(hostdev)) from \(words(placement))"
      }
    return printable(text)
  }

  private static func mark(_ hostdev: Hostdev) -> String {
    Ownership.nic(ofAlias: hostdev.alias).map { " (\($0))" } ?? ""
  }

  /// Where in the guest it comes, and as what, as far as pcipass chooses that.
  private static func words(of hostdev: Hostdev, in placement: Placement) -> String {
    var words: [String] = []
    if case .qemu = placement.guest {
      words += [hostdev.driver.map { "as \($0)" }, hostdev.bus.map { "on \($0)" }].compactMap { $0 }
    }
    if hostdev.device == .interface {
      words.append("as an interface")
      words += [hostdev.mac.map { "MAC \($0)" }, hostdev.vlan.map { "VLAN \($0)" }].compactMap { $0 }
    }
    return words.isEmpty ? "" : " (" + words.joined(separator: ", ") + ")"
  }

  private static func words(_ placement: Placement) -> String {
    switch placement.part {
    case .persistent: "the definition of \(placement.guest.name)"
    case .live: "the running \(placement.guest.name)"
    }
  }

  static func disturbance(_ step: Step) -> String? {
    switch step.disturbs {
    case .nothing: nil
    case .hostNetwork:
      if case .resize = step.action {
        "the host's link goes down for a moment, and what it has of the VFs is lost"
      } else {
        "the host loses a network it uses"
      }
    case .runningGuest: "the running guest notices"
    }
  }

  static func subject(_ nic: String?, _ guest: String?) -> String {
    [nic.map { "nic/\($0)" }, guest.map { "guest/\($0)" }].compactMap { $0 }.map { printable($0) }
      .joined(separator: " ")
  }
}

/// How much a plan adds, changes and removes.
public struct Counts: Sendable, Equatable {
  public var add = 0
  public var change = 0
  public var remove = 0

  public init(_ steps: [Step]) {
    for step in steps {
      switch step.action {
      case .load, .attach: add += 1
      case .resize(_, let from, let to):
        if from.count == 0 { add += 1 } else if to.count == 0 { remove += 1 } else { change += 1 }
      case .bind, .configure: change += 1
      case .detach: remove += 1
      }
    }
  }

  public var text: String { "\(add) to add, \(change) to change, \(remove) to remove" }
}

/// `1 host`, `2 hosts`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

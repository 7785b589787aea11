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
    case .bind: "~"
    }
  }

  static func sentence(_ action: Action) -> String {
    let text =
      switch action {
      case .load(let module): "load the kernel module \(module)"
      case .bind(let address, let from, let to): "bind \(address): \(from) → \(to)"
      case .attach(let hostdev, let placement):
        "attach \(hostdev.address)\(mark(hostdev)) to \(words(placement))"
      case .detach(let hostdev, let placement):
        "detach \(hostdev.address)\(mark(hostdev)) from \(words(placement))"
      }
    return printable(text)
  }

  private static func mark(_ hostdev: Hostdev) -> String {
    Ownership.nic(ofAlias: hostdev.alias).map { " (\($0))" } ?? ""
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
    case .hostNetwork: "the host loses a network it uses"
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
      case .bind: change += 1
      case .detach: remove += 1
      }
    }
  }

  public var text: String { "\(add) to add, \(change) to change, \(remove) to remove" }
}

/// `1 host`, `2 hosts`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

import HostModel
import Manifests

/// Device names that devices of one definition exchange. A device cannot get a name that another one still
/// has.
extension PlanBuilder {
  /// Breaks each cycle of exchanged names by a step that removes the name of one device.
  mutating func breakNameCycles() {
    var numbers: [AliasInGuest: Int] = [:]
    for (number, step) in steps.enumerated() {
      guard case .edit(let edit) = step.action, edit.from.alias != edit.to.alias,
        let name = AliasInGuest(edit.from, edit.placement)
      else { continue }
      numbers[name] = number
    }
    var isDone: Set<Int> = []
    var cycles: [Int] = []
    for first in numbers.values.sorted() where !isDone.contains(first) {
      var number = first
      // Each step waits for the one that frees the name which its device gets.
      while isDone.insert(number).inserted, case .edit(let edit) = steps[number].action,
        let next = AliasInGuest(edit.to, edit.placement).flatMap({ numbers[$0] })
      {
        guard next == first else {
          number = next
          continue
        }
        cycles.append(first)
        break
      }
    }
    // In reverse, because each call inserts a step.
    for number in cycles.reversed() { removeNameFirst(of: number) }
  }

  /// Divides a step into two: the first removes the user alias of the device, the second sets the new
  /// one.
  private mutating func removeNameFirst(of number: Int) {
    guard case .edit(var edit) = steps[number].action else { return }
    var unnamed = edit.from
    unnamed.alias = nil
    var first = steps[number]
    first.id = first.id.replacingPrefix("edit/", by: "free-name/")
    first.action = .edit(EditDevice(edit.placement.guest, from: edit.from, to: unnamed))
    first.because = "another device of \(first.guest ?? "the guest") gets the name of this one"
    edit.from = unnamed
    steps[number].action = .edit(edit)
    steps[number].after = [first.id]
    steps.insert(first, at: number)
  }
}

/// The name of a device in a guest.
struct AliasInGuest: Hashable {
  let alias: String
  let placement: Placement
}

extension AliasInGuest {
  /// Nil where the device has none.
  init?(_ hostdev: Hostdev, _ placement: Placement) {
    guard let alias = hostdev.alias else { return nil }
    self.init(alias: alias, placement: placement)
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, by other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}

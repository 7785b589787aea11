import HostModel
import Manifests

extension HostIndex {
  /// Returns a notice for each reference by alias, such as `<qemu:override>`, that changes in a definition
  /// because the same edit changes the alias of the device.
  func referenceNotices(of changes: [ProposedChange], _ names: GuestNames) -> [Notice] {
    var renamings: [GuestManager: [(hostdev: Hostdev, goal: Hostdev)]] = [:]
    for edit in changes.flatMap(\.edits) {
      renamings[edit.holding.guest, default: []].append((edit.holding.hostdev, edit.attachment.hostdev))
    }
    return renamings.sorted { $0.key.name < $1.key.name }.flatMap { manager, edits -> [Notice] in
      guard var guest = guests[manager] else { return [] }
      let before = guest.references
      for (hostdev, goal) in edits {
        let now = guest.persistent?.first { $0.address == hostdev.address } ?? hostdev
        let renaming = AliasRenaming(of: now, as: goal, in: guest)
        guest.persistent = guest.persistent?.map { device in
          var device = device
          device.startAlias = device.startAlias.map { renaming[$0] }
          return device
        }
        guest.references = guest.references.map { AliasReference(usage: $0.usage, alias: renaming[$0.alias]) }
      }
      return zip(before, guest.references).filter { $0 != $1 }.map { before, after in
        Notice(
          .references, nic: nil, guest: names[manager],
          "the reference to \(before.alias) in \(before.usage.words) of the definition becomes \(after.alias): it "
            + "still refers to the same device")
      }
    }
  }
}

import Documents
import HostModel
import Manifests

extension HostIndex {
  /// Returns notices about guests whose definition the steps change and that may return to other devices: by
  /// a saved image, a file of `virsh save`, or a snapshot.
  ///
  /// - Parameter said: guests whose saved image another notice reports.
  func restoringNotices(of steps: [Step], without said: Set<String> = []) -> [Notice] {
    var seen: Set<GuestManager> = []
    return steps.flatMap { step -> [Notice] in
      guard let placement = step.action.changedDevice?.placement,
        placement.part == .persistent,
        placement.guest.traits.hasDefinition, seen.insert(placement.guest).inserted,
        let state = guests[placement.guest]
      else { return [] }
      let domain = placement.guest.name
      let guest = step.guest ?? domain
      var notices: [Notice] = []
      if state.image != nil, !said.contains(guest) {
        notices.append(
          Notice(
            .savedImage, guest: guest,
            "the next start of \(domain) restores its saved image with the devices in the image, not those in the "
              + "definition; to remove the image and the memory in it: \(SavedImageDifference.command(domain))"
          ))
      }
      if state.isSavedToFile {
        notices.append(
          Notice(
            .savedToFile, guest: guest,
            "\(domain) was shut off by virsh save: virsh restore starts it with the devices in the saved file, and "
              + "virsh start with those in the definition"))
      }
      if state.snapshots > 0 {
        let count = state.snapshots == 1 ? "a snapshot" : "\(state.snapshots) snapshots"
        notices.append(
          Notice(
            .snapshots, guest: guest,
            "\(domain) has \(count): a revert restores the definition in the snapshot; plan again after a revert"
          ))
      }
      return notices
    }
  }
}

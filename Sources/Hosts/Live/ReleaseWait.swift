import Files
import HostModel

/// Waits until the QEMU of a guest has closed the VFIO device of an unplugged function.
///
/// QEMU reports `DEVICE_DELETED` before it closes the VFIO group, which happens up to 0.2 s later
/// (docs/host-behaviour.md). A step that unbinds the driver in between finds the function in use.
struct ReleaseWait {
  private let holders: () -> Observed<[Holder]>
  private let before: Set<Int>

  /// Records the processes that have the function open. The instance must be created before the
  /// unplug request.
  init(holders: @escaping () -> Observed<[Holder]>) {
    self.holders = holders
    before = Self.processes(holders())
  }

  /// Waits until none of the recorded processes has the function open, or until the time is over. A process
  /// may keep the VFIO group open for another function of the group; the next step that needs the function
  /// reports that.
  func wait(upTo time: Duration = .seconds(2)) {
    guard !before.isEmpty else { return }
    waitUntil(within: time) { before.isDisjoint(with: Self.processes(holders())) }
  }

  private static func processes(_ holders: Observed<[Holder]>) -> Set<Int> {
    Set((holders.value ?? []).map(\.process))
  }
}

import Files
import HostModel

/// Waits until the process of a guest has closed a function that the guest let go. QEMU says that a device is gone
/// when its guest has it no more, and closes it when nothing in QEMU itself can use it any more, some 50 ms later.
/// Who takes the driver away in between finds the function in use.
struct Release {
  private let holders: () -> Observed<[Holder]>
  private let before: Set<Int>

  /// To be made before the guest is asked.
  init(holders: @escaping () -> Observed<[Holder]>) {
    self.holders = holders
    before = Self.processes(holders())
  }

  /// Until none of those that had it has it, or for as long as it can take: who keeps it for another reason, for
  /// another function of its group, is found by who needs it next.
  func wait(upTo time: Duration = .seconds(2)) {
    guard !before.isEmpty else { return }
    waitUntil(within: time) { before.isDisjoint(with: Self.processes(holders())) }
  }

  private static func processes(_ holders: Observed<[Holder]>) -> Set<Int> {
    Set((holders.value ?? []).map(\.process))
  }
}

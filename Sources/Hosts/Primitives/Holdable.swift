import HostModel
import Planning

/// Where functions may be held open by processes, on a real kernel or a simulated one.
protocol Holdable {
  func holders(of address: PCIAddress) -> Observed<[Holder]>
}

extension Holdable {
  /// The last look before a function loses its passthrough driver, or vanishes with its PF's VFs: what a process holds
  /// makes the kernel wait until that process ends, and nothing ends the writer. Then not even `sriov_numvfs` can be
  /// read any more.
  func checkUnused(_ address: PCIAddress) throws(HostFailure) {
    switch holders(of: address) {
    case .known(let holders):
      guard let holder = holders.first else { return }
      throw HostFailure(
        .inUse, "process \(holder.process) (\(holder.command)) has the VFIO group of \(address) open",
        help: "end its use there first; unbinding it now would block until that process ends")
    case .unavailable(let reason):
      throw HostFailure(.unreadable, "whether a process uses \(address) is not known: \(reason)")
    }
  }
}

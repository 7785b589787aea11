import HostModel
import Planning

/// Where functions may be held open by processes, on a real kernel or a simulated one.
protocol Holdable {
  /// One look at the processes is for all of the functions.
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>]
}

extension Holdable {
  /// The last look before a function loses its passthrough driver, or vanishes with its PF's VFs: what a process holds
  /// makes the kernel wait until that process ends, and nothing ends the writer. Then not even `sriov_numvfs` can be
  /// read any more.
  func checkUnused(_ addresses: [PCIAddress]) throws(HostFailure) {
    guard !addresses.isEmpty else { return }
    let found = holders(of: addresses)
    for address in addresses {
      switch found[address] ?? .unavailable("it was not looked at") {
      case .known(let holders):
        guard let holder = holders.first else { continue }
        let opened = holder.device ?? "the VFIO group of \(address)"
        throw HostFailure(
          .inUse, "process \(holder.process) (\(holder.command)) has \(opened) open",
          help: holder.device == nil
            ? "end its use there first; unbinding it now would block until that process ends"
            : "end its use of \(address) there first")
      case .unavailable(let reason):
        throw HostFailure(.unreadable, "whether a process uses \(address) is not known: \(reason)")
      }
    }
  }
}

import HostModel
import Planning

/// Functions that processes may have open, on a real or a simulated kernel.
protocol HolderProviding {
  /// The processes that have each function open. The processes are scanned once for all functions.
  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>]
}

extension HolderProviding {
  /// Checks that no process has a function open, immediately before it loses its passthrough driver or is
  /// deleted with the VFs of its PF. Otherwise the kernel blocks the write until that process ends, SIGKILL
  /// does not end the writer, and then even reading `sriov_numvfs` blocks (docs/host-behaviour.md).
  ///
  /// - Throws: `HostFailure(.inUse)` if a process has one open, `.unreadable` if that is unknown.
  func checkUnused(_ addresses: [PCIAddress]) throws(HostFailure) {
    guard !addresses.isEmpty else { return }
    let found = holders(of: addresses)
    for address in addresses {
      switch found[address] ?? .unavailable("it was not read") {
      case .known(let holders):
        guard let holder = holders.first else { continue }
        let opened = holder.device ?? "the VFIO group of \(address)"
        throw HostFailure(
          .inUse, "process \(holder.process) (\(holder.command)) has \(opened) open",
          help: holder.device == nil
            ? "first stop its use there; an unbind would block until that process exits"
            : "first stop its use of \(address)")
      case .unavailable(let reason):
        throw HostFailure(.unreadable, "whether a process uses \(address) is unknown: \(reason)")
      }
    }
  }
}

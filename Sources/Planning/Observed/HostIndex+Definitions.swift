import HostModel

/// The definitions of guests that are off, which only libvirt shows.
extension HostIndex {
  /// Returns a notice if definitions may have VFs that are deleted: the PF has VFs, and libvirt could not be
  /// read.
  func unknownDefinitions(ofVFsOf address: PCIAddress, nic: String?) -> Notice? {
    guard let reason = state.libvirt.reason, virtualFunctions[address]?.isEmpty == false else { return nil }
    return Notice(
      .unknown, nic: nic,
      "whether the definition of a shut-off guest has a VF of \(address) is unknown, and the VFs are deleted: "
        + reason)
  }

  /// Returns these notices for the steps of a rollback.
  func unknownDefinitions(after steps: [Step]) -> [Notice] {
    steps.compactMap { step in
      guard case .resize(let resize) = step.action else { return nil }
      return unknownDefinitions(ofVFsOf: resize.address, nic: step.nic)
    }
  }
}

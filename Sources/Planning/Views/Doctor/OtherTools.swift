import HostModel

/// Other tools that own functions or assign them.
extension ExaminedHost {
  var otherTools: [Check] {
    let found = owners + holders + driverctl + ids
    let unknown = [
      survey.driverctl.reason.map { Check.unknown(.driverctl, "which functions driverctl binds", $0) },
      survey.moduleOptions.reason.map { .unknown(.vfioIDs, "the VFIO setting in the modprobe files", $0) },
    ].compactMap { $0 }
    return
      (found.isEmpty ? [.fine(.ownership, "no other tool manages a NIC, as far as the host shows")] : found)
      + unknown
  }

  private var owners: [Check] {
    nics.compactMap { nic in
      nic.foreignOwner.map { owner in
        .found(
          .ownership, "another tool manages \(nic.address): \(owner)", details: [nic.summary],
          help: "release it in that tool, or set allow: [ownership] and because: … on the NIC")
      }
    }
  }

  /// Processes that have a NIC open and are not known QEMUs.
  private var holders: [Check] {
    nics.compactMap { nic in
      guard let holders = nic.holders.value, !holders.isEmpty, host.liveHoldings(ofGroupOf: nic).isEmpty
      else { return nil }
      return .found(
        .heldByProcess, "\(nic.address) is open in a process that is not a known guest",
        details: holders.map { "\($0.command) (process \($0.process))" },
        help: "name its monitor in a Guest (spec.qemu) and pass that file to doctor; or stop the process")
    }
  }

  private var driverctl: [Check] {
    (survey.driverctl.value ?? [:]).sorted { $0.key < $1.key }.map { address, driver in
      .found(
        .driverctl, "driverctl binds \(address) to \(driver) at each boot, whatever the manifests declare",
        details: host.functions[address].map { [$0.summary] } ?? ["no function has this address now"],
        help: "driverctl unset-override \(address)")
    }
  }

  private var ids: [Check] {
    let places = assignments(of: "ids", in: "vfio_pci")
    return places.map { place, value in
      let ids = value.split(separator: ",").map { $0.split(separator: ":").prefix(2).joined(separator: ":") }
      return .found(
        .vfioIDs, "vfio-pci binds every card with these ids at boot: \(place) sets ids=\(value)",
        details: state.functions.filter { ids.contains("\($0.id)") }.map(\.summary),
        help:
          "remove the setting, and set reserve: true on the NICs to assign; then update-initramfs -u, or "
          + "dracut -f")
    }
  }
}

import HostModel

/// Other tools that own functions or assign them.
extension ExaminedHost {
  var otherTools: [Check] {
    let found = owners + holders + driverctl + ids
    let unknown = [
      survey.driverctl.reason.map { Check.unknown(.driverctl, "what driverctl binds", $0) },
      survey.moduleOptions.reason.map { .unknown(.vfioIDs, "what modprobe's files set for VFIO", $0) },
    ].compactMap { $0 }
    return (found.isEmpty ? [.fine(.foreignOwner, "no other tool is seen to have a NIC")] : found) + unknown
  }

  private var owners: [Check] {
    nics.compactMap { nic in
      nic.foreignOwner.map { owner in
        .found(
          .foreignOwner, "\(nic.address) is another tool's: \(owner)", details: [nic.summary],
          help: "release it there, or let a plan take it: allow: [foreign-owner] with because: … on the NIC")
      }
    }
  }

  /// Processes that have a NIC open and are not known QEMUs.
  private var holders: [Check] {
    nics.compactMap { nic in
      guard let holders = nic.holders.value, !holders.isEmpty, host.liveHoldings(ofGroupOf: nic).isEmpty
      else { return nil }
      return .found(
        .heldByProcess, "\(nic.address) is open in a process that is no known guest's",
        details: holders.map { "\($0.command) (process \($0.process))" },
        help: "name its monitor in a Guest (spec.qemu), and give that to doctor; or end the process")
    }
  }

  private var driverctl: [Check] {
    (survey.driverctl.value ?? [:]).sorted { $0.key < $1.key }.map { address, driver in
      .found(
        .driverctl, "driverctl binds \(address) to \(driver) at each boot, whatever manifests say",
        details: host.functions[address].map { [$0.summary] } ?? ["no function is there now"],
        help: "driverctl unset-override \(address)")
    }
  }

  private var ids: [Check] {
    let places = assignments(of: "ids", in: "vfio_pci")
    return places.map { place, value in
      let ids = value.split(separator: ",").map { $0.split(separator: ":").prefix(2).joined(separator: ":") }
      return .found(
        .vfioIDs, "vfio-pci takes each card of an id at boot: \(place) sets ids=\(value)",
        details: state.functions.filter { ids.contains("\($0.id)") }.map(\.summary),
        help:
          "take it out there, and say reserve: true of the NICs that are meant; then update-initramfs -u, or "
          + "dracut -f")
    }
  }
}

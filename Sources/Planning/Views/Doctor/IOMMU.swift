import HostModel

/// Whether the IOMMU is on, and if not, why.
extension ExaminedHost {
  var iommu: [Check] { (hasGroups ? [translation] : [reason]) + noIOMMUMode }

  private var translation: Check {
    let without = nics.filter { $0.iommuGroup == nil }
    guard without.isEmpty else {
      return .found(
        .iommuPartial,
        "the IOMMU is on, but \(without.count == 1 ? "a NIC is" : "\(without.count) NICs are") not in an IOMMU group",
        details: without.map(\.summary),
        help: "see which IOMMU covers these slots: dmesg | grep -e DMAR -e AMD-Vi -e smmu")
    }
    let groups = Set(state.functions.compactMap(\.iommuGroup)).count
    return .fine(.iommuOff, "the IOMMU is on: \(groups) group\(groups == 1 ? "" : "s")")
  }

  private var reason: Check {
    let help = IOMMUHelp(
      state.kernel, tables: survey.firmwareTables.value, lines: survey.bootLines.value ?? [])
    let (code, words): (Check.Code, String) =
      switch help.cause {
      case .firmware: (.iommuFirmware, "the firmware does not report one")
      case .switchedOff: (.iommuSwitchedOff, "a kernel parameter switches it off")
      case .notSwitchedOn: (.iommuNotSwitchedOn, "no kernel parameter switches it on")
      case .unknown: (.iommuOff, "no function is in a group")
      }
    return .found(
      code, "the IOMMU is off: \(words)",
      details: help.findings
        + [
          survey.firmwareTables.reason.map { "the firmware tables are unknown: \($0)" },
          survey.processorFlags.value?.contains("hypervisor") == true
            ? "this host is a virtual machine: its hypervisor must provide an IOMMU (QEMU: -device intel-iommu)"
            : nil,
        ].compactMap { $0 },
      help: help.remedy)
  }

  private var noIOMMUMode: [Check] {
    switch setting(of: "enable_unsafe_noiommu_mode", in: "vfio") {
    case .known(let setting?) where setting.isOn:
      [
        .found(
          .noIOMMUMode,
          "VFIO assigns devices without an IOMMU: the NIC of a guest can write to all memory of the host",
          details: [setting.words],
          help:
            "remove this setting; to switch it off now: echo N >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
        )
      ]
    default: []
    }
  }
}

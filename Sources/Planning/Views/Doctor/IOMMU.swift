import HostModel

/// Whether the IOMMU is on, and if not, why.
extension ExaminedHost {
  var iommu: [Check] { (hasGroups ? [translation] : [reason]) + noIOMMUMode }

  private var translation: Check {
    let without = nics.filter { $0.iommuGroup == nil }
    guard without.isEmpty else {
      return .found(
        .iommuPartial,
        "the IOMMU is on, and \(without.count == 1 ? "a NIC is" : "NICs are") in no group of it",
        details: without.map(\.summary),
        help: "see which IOMMU the firmware gives their slots: dmesg | grep -e DMAR -e AMD-Vi -e smmu")
    }
    let groups = Set(state.functions.compactMap(\.iommuGroup)).count
    return .fine(.iommuOff, "it is on: \(groups) group\(groups == 1 ? "" : "s")")
  }

  private var reason: Check {
    let help = IOMMUHelp(
      state.kernel, tables: survey.firmwareTables.value, lines: survey.bootLines.value ?? [])
    let (code, words): (Check.Code, String) =
      switch help.cause {
      case .firmware: (.iommuFirmware, "the firmware does not show one")
      case .switchedOff: (.iommuSwitchedOff, "a kernel parameter says so")
      case .notSwitchedOn: (.iommuNotSwitchedOn, "no kernel parameter switches it on")
      case .unknown: (.iommuOff, "no function is in a group")
      }
    return .found(
      code, "the IOMMU is off: \(words)",
      details: help.findings
        + [
          survey.firmwareTables.reason.map { "the firmware's tables are not known: \($0)" },
          survey.processorFlags.value?.contains("hypervisor") == true
            ? "this host is a guest itself: its hypervisor must give it an IOMMU (QEMU's -device intel-iommu)"
            : nil,
        ].compactMap { $0 },
      help: help.remedy)
  }

  private var noIOMMUMode: [Check] {
    switch setting(of: "enable_unsafe_noiommu_mode", in: "vfio") {
    case .known(let setting?) where setting.isOn:
      [
        .found(
          .noIOMMUMode, "VFIO hands out devices without an IOMMU: a guest's NIC may write anywhere",
          details: [setting.words],
          help: "take it out there; now: echo N >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode")
      ]
    default: []
    }
  }
}

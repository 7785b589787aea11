import HostModel

/// Whether interrupts are remapped. Without that a guest's NIC can forge interrupts, and VFIO refuses to work
/// unless `allow_unsafe_interrupts` is set.
extension ExaminedHost {
  var interrupts: [Check] {
    // The IOMMU also remaps interrupts.
    guard hasGroups else {
      return [.unknown(.interruptsNotRemapped, "whether interrupts are remapped", "the IOMMU is off")]
    }
    let setting = setting(of: "allow_unsafe_interrupts", in: "vfio_iommu_type1")
    if case .known(let setting?) = setting, setting.isOn {
      let isRemapped = survey.interrupts.value == .on
      return [
        .found(
          .unsafeInterrupts,
          isRemapped
            ? "VFIO is set to work without interrupt remapping, although the host has it"
            : "a guest can forge interrupts of the host: VFIO is set to work without interrupt remapping",
          details: [setting.words],
          help: isRemapped
            ? "remove allow_unsafe_interrupts: this host does not need it"
            : "enable interrupt remapping (x2APIC, VT-d, IOMMU) in the firmware, then remove allow_unsafe_interrupts"
        )
      ]
    }
    switch survey.interrupts {
    case .unavailable(let reason):
      return [.unknown(.interruptsNotRemapped, "whether interrupts are remapped", reason)]
    case .known(.unknown):
      return [
        .unknown(
          .interruptsNotRemapped, "whether interrupts are remapped",
          "/proc/interrupts has no controller that shows it")
      ]
    case .known(.on): return [.fine(.interruptsNotRemapped, "interrupts are remapped")]
    case .known(.off):
      return [
        .found(
          .interruptsNotRemapped, "interrupts are not remapped: VFIO refuses to assign devices",
          details: ["/proc/interrupts has no controller that remaps (IR-)"]
            + (setting.reason.map { ["the parameters of vfio_iommu_type1 are unknown: \($0)"] } ?? []),
          help:
            "enable interrupt remapping (x2APIC, VT-d, IOMMU) in the firmware, and remove intremap=off and nointremap "
            + "from the kernel command line; or, if all guests are trusted: echo 'options vfio_iommu_type1 allow_unsafe_interrupts=1' >/etc/modprobe.d/vfio.conf"
        )
      ]
    }
  }
}

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
            ? "VFIO is told to do without interrupt remapping, which is there"
            : "a guest can send the host interrupts: VFIO is told to do without their remapping",
          details: [setting.words],
          help: isRemapped
            ? "take allow_unsafe_interrupts out there; nothing here needs it"
            : "enable interrupt remapping (x2APIC, VT-d, IOMMU) in the firmware, then take allow_unsafe_interrupts out"
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
          "/proc/interrupts names no controller that tells")
      ]
    case .known(.on): return [.fine(.interruptsNotRemapped, "they are remapped")]
    case .known(.off):
      return [
        .found(
          .interruptsNotRemapped, "interrupts are not remapped: VFIO refuses to hand out devices",
          details: ["no controller in /proc/interrupts is a remapping one (IR-)"]
            + (setting.reason.map { ["what vfio_iommu_type1 is set to is not known: \($0)"] } ?? []),
          help:
            "enable interrupt remapping (x2APIC, VT-d, IOMMU) in the firmware, and take intremap=off and nointremap "
            + "from the kernel's command line; where guests are trusted: echo 'options vfio_iommu_type1 allow_unsafe_interrupts=1' >/etc/modprobe.d/vfio.conf"
        )
      ]
    }
  }
}

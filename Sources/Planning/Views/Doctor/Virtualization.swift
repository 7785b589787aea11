import HostModel

/// Hardware virtualization and `/dev/kvm`. Without them guests are emulated, which works slowly.
extension ExaminedHost {
  var virtualization: [Check] { processor + [kvm] }

  private var processor: [Check] {
    // Other processors have no flag for it; `/dev/kvm` shows whether it works.
    guard [.intel, .amd].contains(state.kernel.processor) else { return [] }
    switch survey.processorFlags {
    case .unavailable(let reason):
      return [.unknown(.virtualizationOff, "whether the processor can virtualize", reason)]
    case .known(let flags):
      if let flag = flags.intersection(["vmx", "svm"]).sorted().first {
        return [.fine(.virtualizationOff, "the processor can virtualize (\(flag))")]
      }
      // If KVM works, the flags do not matter.
      if survey.kvm.value == .usable { return [] }
      let isGuest = flags.contains("hypervisor")
      return [
        .found(
          .virtualizationOff,
          "the processor shows neither vmx nor svm" + (isGuest ? ": this host is a guest itself" : ""),
          help: isGuest
            ? "let its hypervisor nest: kvm_intel or kvm_amd with nested=1, and the processor passed on (host-passthrough)"
            : "enable virtualization (VT-x, SVM) in the firmware (BIOS)")
      ]
    }
  }

  private var kvm: Check {
    switch survey.kvm {
    case .unavailable(let reason): .unknown(.kvmMissing, "whether /dev/kvm is there", reason)
    case .known(.usable): .fine(.kvmMissing, "/dev/kvm can be used")
    case .known(.missing):
      .found(
        .kvmMissing, "there is no /dev/kvm: guests would be emulated, slowly",
        help: "modprobe \(kvmModule)")
    case .known(.refused(let reason)):
      .found(
        .kvmRefused, "/dev/kvm cannot be used: \(reason)",
        help: "run as root, or: usermod -aG kvm USER, and log in anew")
    }
  }

  private var kvmModule: String {
    let flags = survey.processorFlags.value ?? []
    if flags.contains("svm") { return "kvm_amd" }
    if flags.contains("vmx") { return "kvm_intel" }
    return switch state.kernel.processor {
    case .amd: "kvm_amd"
    case .intel: "kvm_intel"
    case .arm, .other: "kvm"
    }
  }
}

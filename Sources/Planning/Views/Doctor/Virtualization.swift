import HostModel

/// Hardware virtualization and `/dev/kvm`. Without them guests are emulated, which is slow.
extension ExaminedHost {
  var virtualization: [Check] { processor + [kvm] }

  private var processor: [Check] {
    // Other processors have no flag for it; `/dev/kvm` shows whether it works.
    guard [.intel, .amd].contains(state.kernel.processor) else { return [] }
    switch survey.processorFlags {
    case .unavailable(let reason):
      return [.unknown(.virtualizationOff, "whether the processor supports virtualization", reason)]
    case .known(let flags):
      if let flag = flags.intersection(["vmx", "svm"]).sorted().first {
        return [.fine(.virtualizationOff, "the processor supports virtualization (\(flag))")]
      }
      // If KVM works, the flags do not matter.
      if survey.kvm.value == .usable { return [] }
      let isGuest = flags.contains("hypervisor")
      return [
        .found(
          .virtualizationOff,
          "the processor shows neither vmx nor svm" + (isGuest ? ": this host is a virtual machine" : ""),
          help: isGuest
            ? "enable nested virtualization in its hypervisor: nested=1 for kvm_intel or kvm_amd, and the CPU mode host-passthrough"
            : "enable virtualization (VT-x, SVM) in the firmware (BIOS)")
      ]
    }
  }

  private var kvm: Check {
    switch survey.kvm {
    case .unavailable(let reason): .unknown(.kvmMissing, "whether /dev/kvm exists", reason)
    case .known(.usable): .fine(.kvmMissing, "/dev/kvm can be used")
    case .known(.missing):
      .found(
        .kvmMissing, "/dev/kvm does not exist: guests are emulated, which is slow",
        help: "modprobe \(kvmModule)")
    case .known(.refused(let reason)):
      .found(
        .kvmRefused, "/dev/kvm cannot be used: \(reason)",
        help: "run as root, or: usermod -aG kvm USER, and log in again")
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

import HostModel

/// The reason why the IOMMU is off, and the way to switch it on: the kernel parameter and the file that sets
/// it.
///
/// Source: Linux, `Documentation/admin-guide/kernel-parameters.txt` (`intel_iommu`, `amd_iommu`, `iommu`).
struct IOMMUHelp {
  /// The reason, as far as it is known.
  enum Cause {
    /// The firmware does not describe an IOMMU to the kernel.
    case firmware
    /// A kernel parameter switches the IOMMU off.
    case switchedOff
    /// The kernel needs a parameter to use the IOMMU, and does not have it.
    case notSwitchedOn
    case unknown
  }

  let cause: Cause
  let findings: [String]
  let remedy: String

  /// - Parameters:
  ///   - tables: the names of the ACPI tables, if they are known.
  ///   - lines: the lines of boot loader files that set parameters, if they were read.
  init(_ kernel: Kernel, tables: Set<String>? = nil, lines: [BootLine] = []) {
    let words = Set((kernel.commandLine.value ?? "").split(separator: " ").map(String.init))
    let off = words.intersection(["iommu=off", "intel_iommu=off", "amd_iommu=off"]).sorted()
    let place = BootConfiguration(kernel.bootLoaderFiles, lines)
    var findings: [String] = []
    if let reason = kernel.commandLine.reason {
      findings.append("the kernel command line is unknown: \(reason)")
    }
    if !off.isEmpty { findings.append("the kernel was started with \(off.joined(separator: " "))") }
    findings += off.flatMap { word in place.lines(with: word).map { "\(word) is set in \($0)" } }
    let table = Self.tables[kernel.processor]
    let isShown = tables.map { table.map($0.contains) ?? !$0.isDisjoint(with: Self.tables.values) }
    if isShown == false {
      findings.append("the firmware has no ACPI table \(table ?? "DMAR, IVRS or IORT")")
    }
    let remove = off.isEmpty ? "" : "remove \(off.joined(separator: " ")) and "
    switch kernel.processor {
    case .intel:
      let on = "intel_iommu=on"
      let firmware = isShown == true ? "" : "enable VT-d in the firmware, "
      let set = place.lines(with: on)
      if words.contains(on), off.isEmpty {
        if isShown != true { findings.append("\(on) is set, so the firmware does not report the IOMMU") }
        remedy =
          isShown == true
          ? "see the kernel log: dmesg | grep -e DMAR -e IOMMU"
          : "enable VT-d in the firmware (BIOS)"
      } else if off.isEmpty, let line = set.first {
        findings.append("\(on) is set in \(line), but the running kernel was started without it")
        remedy = firmware + (place.activation(of: line.file).map { $0 + ", and reboot" } ?? "reboot")
      } else {
        remedy = "\(firmware)\(remove)add the kernel parameter \(on) to \(place), and reboot"
      }
    case .amd:
      // The kernel uses an AMD IOMMU as soon as the firmware describes one. There is no parameter that
      // switches it on.
      remedy =
        switch (off.isEmpty, isShown) {
        case (false, true):
          "remove the kernel parameter \(off.joined(separator: " ")) from \(place), and reboot"
        case (false, _):
          "remove the kernel parameter \(off.joined(separator: " ")) from \(place), enable AMD-Vi in the firmware, "
            + "and reboot"
        case (true, true): "see the kernel log: dmesg | grep -e AMD-Vi -e IOMMU"
        case (true, _):
          "enable AMD-Vi (IOMMU) in the firmware (BIOS); the kernel needs no parameter for it"
        }
    case .arm:
      remedy = "enable the SMMU in the firmware (it must appear in the ACPI table IORT or in the device tree)"
    case .other:
      remedy =
        "enable the IOMMU in the firmware; on Intel, also add the kernel parameter intel_iommu=on to \(place) and "
        + "reboot; AMD needs no parameter"
    }
    self.findings = findings
    cause =
      if isShown == false { .firmware } else if !off.isEmpty {
        .switchedOff
      } else if isShown == true,
        kernel.processor == .intel, kernel.commandLine.value != nil, !words.contains("intel_iommu=on")
      { .notSwitchedOn } else { .unknown }
  }

  /// The ACPI table in which the firmware describes the IOMMU of each processor vendor.
  private static let tables: [Kernel.Processor: String] = [.intel: "DMAR", .amd: "IVRS", .arm: "IORT"]
}

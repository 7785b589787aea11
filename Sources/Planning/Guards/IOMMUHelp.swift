import HostModel

/// How the IOMMU is switched on here: the exact kernel parameter and the file it belongs into.
/// Source: Linux, Documentation/admin-guide/kernel-parameters.txt (intel_iommu, amd_iommu, iommu).
struct IOMMUHelp {
  let findings: [String]
  let remedy: String

  init(_ kernel: Kernel) {
    var findings: [String] = []
    let words = Set((kernel.commandLine.value ?? "").split(separator: " ").map(String.init))
    if let reason = kernel.commandLine.reason {
      findings.append("the kernel's command line is not known: \(reason)")
    }
    let off = words.filter { ["iommu=off", "intel_iommu=off", "amd_iommu=off"].contains($0) }.sorted()
    if !off.isEmpty { findings.append("the kernel was started with \(off.joined(separator: " "))") }
    let file = Self.bootLoader(kernel.bootLoaderFiles)
    let remove = off.isEmpty ? "" : "remove \(off.joined(separator: " ")) and "
    switch kernel.processor {
    case .intel:
      if words.contains("intel_iommu=on"), off.isEmpty {
        findings.append("intel_iommu=on is set, so the firmware hides the IOMMU")
        remedy = "enable VT-d in the firmware (BIOS)"
      } else {
        remedy =
          "enable VT-d in the firmware, \(remove)add the kernel parameter intel_iommu=on \(file), and reboot"
      }
    case .amd:
      // The kernel uses an AMD IOMMU as soon as the firmware shows one: there is no parameter to switch it on.
      remedy =
        off.isEmpty
        ? "enable AMD-Vi (IOMMU) in the firmware (BIOS); the kernel needs no parameter for it, and amd_iommu=off "
          + "must not be set \(file)"
        : "remove the kernel parameter \(off.joined(separator: " ")) \(file), enable AMD-Vi in the firmware, and reboot"
    case .arm:
      remedy = "enable the SMMU in the firmware (it must appear in ACPI's IORT or the device tree)"
    case .other:
      remedy =
        "enable the IOMMU in the firmware; on Intel, add the kernel parameter intel_iommu=on \(file); on AMD, none is needed"
    }
    self.findings = findings
  }

  /// Where the parameter goes, and what makes it take effect.
  private static func bootLoader(_ files: [String]) -> String {
    for file in files {
      switch file {
      case "/etc/default/grub":
        let isFedora = files.contains { $0.hasPrefix("/boot/grub2/") }
        return "to GRUB_CMDLINE_LINUX in \(file) (then "
          + (isFedora ? "grub2-mkconfig -o /boot/grub2/grub.cfg)" : "update-grub)")
      case "/etc/kernel/cmdline":
        return "to \(file) (then reinstall the kernel's boot entry: kernel-install add-all, or "
          + "proxmox-boot-tool refresh on Proxmox)"
      case _ where file.hasPrefix("/boot/loader/entries/"):
        return "to the options line of \(file) (or by grubby --update-kernel=ALL --args=…)"
      case "/boot/grub2/grub.cfg", "/boot/grub/grub.cfg":
        return "to the linux line in \(file)"
      default: continue
      }
    }
    return "to the boot loader's configuration (none was found in the usual places)"
  }
}

import HostModel

/// The file of this host that sets kernel parameters, and the command that makes a change to it take effect.
struct BootConfiguration: CustomStringConvertible {
  private let files: [String]
  private let lines: [BootLine]

  init(_ files: [String], _ lines: [BootLine]) {
    self.files = files
    self.lines = lines
  }

  /// Returns the lines that set the parameter. Generated files (`grub.cfg`) are left out if there are others.
  func lines(with parameter: String) -> [BootLine] {
    let all = lines.filter { $0.parameters.contains(parameter) }
    let own = all.filter { !$0.file.hasSuffix("/grub.cfg") }
    return Array((own.isEmpty ? all : own).prefix(Self.most))
  }

  /// The maximum number of lines in a message.
  private static let most = 8

  /// The file that an operator edits, in words that can follow "to" or "from".
  var description: String {
    for file in files {
      let then = activation(of: file).map { " (then \($0))" } ?? ""
      switch file {
      case "/etc/default/grub":
        return "GRUB_CMDLINE_LINUX in \(file)" + number(of: file, "GRUB_CMDLINE_LINUX") + then
      case "/etc/kernel/cmdline": return file + then
      case _ where file.hasPrefix("/boot/loader/entries/"):
        return "the options line of \(file)" + number(of: file)
          + " (or use grubby --update-kernel=ALL --args=…)"
      case _ where file.contains("/loader/entries/"):
        return "the options line of \(file)" + number(of: file)
      case "/boot/extlinux/extlinux.conf": return "the append line in \(file)" + number(of: file)
      case "/boot/firmware/cmdline.txt": return file
      case "/boot/grub2/grub.cfg", "/boot/grub/grub.cfg":
        return "the linux line in \(file)" + number(of: file)
      default: continue
      }
    }
    return "the boot loader configuration (pcipass found none in the usual places)"
  }

  /// Returns the command that makes a change to the file take effect, if one is needed.
  func activation(of file: String) -> String? {
    switch file {
    case _ where file.hasPrefix("/etc/default/grub"):
      files.contains { $0.hasPrefix("/boot/grub2/") }
        ? "grub2-mkconfig -o /boot/grub2/grub.cfg" : "update-grub"
    case _ where file.hasPrefix("/etc/kernel/cmdline"):
      "reinstall the boot entry of the kernel: kernel-install add-all, or proxmox-boot-tool refresh on Proxmox"
    default: nil
    }
  }

  private func number(of file: String, _ setting: String? = nil) -> String {
    lines.first { $0.file == file && (setting == nil || $0.setting == setting) }.map { ", line \($0.line)" }
      ?? ""
  }
}

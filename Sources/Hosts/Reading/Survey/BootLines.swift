import Files
import HostModel
import SystemPackage

/// Reads the lines that set the kernel's parameters out of the boot loaders' files.
enum BootLines {
  private static let longest = 4 << 20
  /// More are somebody's joke.
  private static let most = 4096

  static func read(_ files: [String], _ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[BootLine]> {
    var found: [BootLine] = []
    var problem: String?
    for file in files {
      var number = 0
      do {
        try tree.file(String(file.dropFirst())).lines(upTo: longest, scratch) { line in
          number += 1
          if let parsed = parse(line.text, of: file) {
            found.append(
              BootLine(file: file, line: number, setting: parsed.setting, parameters: parsed.parameters))
          }
          return found.count < most
        }
      } catch { problem = problem ?? tree.name(of: String(file.dropFirst())) + ": " + error.description }
    }
    return found.isEmpty ? problem.map { .unavailable($0) } ?? .known([]) : .known(found)
  }

  /// What a line sets, or nil where it sets no parameters.
  private static func parse(_ line: String, of file: String) -> (setting: String, parameters: [String])? {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first, !first.hasPrefix("#") else { return nil }
    if file.hasPrefix("/etc/default/grub") { return grubDefault(line) }
    if file.hasPrefix("/etc/kernel/") || file.hasSuffix("/cmdline.txt") { return ("", words) }
    // The first word behind linux is the kernel's file; an entry of systemd-boot's has nothing else there.
    switch first.lowercased() {
    case "options", "append": return (first, Array(words.dropFirst()))
    case "linux", "linux16", "linuxefi":
      return words.count > 2 ? (first, Array(words.dropFirst(2))) : nil
    default: return nil
    }
  }

  /// `GRUB_CMDLINE_LINUX="…"`, as a shell reads it; the value may be in quotes, or none.
  private static func grubDefault(_ line: String) -> (setting: String, parameters: [String])? {
    guard let sign = line.firstIndex(of: "=") else { return nil }
    let name = line[..<sign].split(separator: " ").last.map(String.init) ?? ""
    guard ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"].contains(name.filter { $0 != "+" }) else {
      return nil
    }
    let parameters = line[line.index(after: sign)...]
      .split { $0.isWhitespace || $0 == "\"" || $0 == "'" }.map(String.init)
    return (name.filter { $0 != "+" }, parameters)
  }
}

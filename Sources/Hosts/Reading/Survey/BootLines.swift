import Files
import HostModel
import SystemPackage

/// Reads the lines that set kernel parameters from the files of boot loaders.
enum BootLines {
  private static let longest = 4 << 20
  /// The maximum number of lines, so that a hostile file cannot use up memory.
  private static let maximumLines = 4096

  /// The lines of these files that set kernel parameters. `unavailable` if there are none and a file could
  /// not be read.
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
          return found.count < maximumLines
        }
      } catch { problem = problem ?? tree.name(of: String(file.dropFirst())) + ": " + error.description }
    }
    return found.isEmpty ? problem.map { .unavailable($0) } ?? .known([]) : .known(found)
  }

  /// The setting and the kernel parameters of a line; nil if it sets none.
  private static func parse(_ line: String, of file: String) -> (setting: String, parameters: [String])? {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first, !first.hasPrefix("#") else { return nil }
    if file.hasPrefix("/etc/default/grub") { return grubDefault(line) }
    if file.hasPrefix("/etc/kernel/") || file.hasSuffix("/cmdline.txt") { return ("", words) }
    // After `linux` comes the path of the kernel. An entry of systemd-boot has only that on this line.
    switch first.lowercased() {
    case "options", "append": return (first, Array(words.dropFirst()))
    case "linux", "linux16", "linuxefi":
      return words.count > 2 ? (first, Array(words.dropFirst(2))) : nil
    default: return nil
    }
  }

  /// Parses `GRUB_CMDLINE_LINUX="…"`, a line of shell. The value may be unquoted.
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

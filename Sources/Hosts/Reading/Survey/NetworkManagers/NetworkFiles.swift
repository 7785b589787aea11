import Files
import HostModel

/// Reads the .network files of systemd-networkd (systemd.network(5)).
enum NetworkFiles {
  private static let folders = ["etc", "run", "usr/local/lib", "usr/lib"].map { $0 + "/systemd/network" }

  /// The keys of `[Match]`. systemd-networkd ignores others.
  private static let keys: Set = [
    "MACAddress", "PermanentMACAddress", "Path", "Driver", "Type", "Kind", "Property", "Name",
    "WLANInterfaceType", "SSID", "BSSID", "Host", "Virtualization", "KernelCommandLine", "KernelVersion",
    "Version", "Credential", "Architecture", "Firmware",
  ]

  static func read(_ tree: borrowing Tree) throws(FileError) -> [NetworkFile] {
    var files: [NetworkFile] = []
    for path in try ConfigurationFiles.paths(in: folders, tree, where: { $0.hasSuffix(".network") }) {
      // An empty file disables those of the same name in the other folders.
      guard let content = try ConfigurationFiles.content(of: path, tree), !content.isEmpty else { continue }
      var keys = SectionedKey.all(of: content, path, .systemd)
      let extensions = folders.map { $0 + "/" + (divided(path, at: "/").last ?? "") + ".d" }
      for path in try ConfigurationFiles.paths(in: extensions, tree, where: { $0.hasSuffix(".conf") }) {
        keys += SectionedKey.all(
          of: try ConfigurationFiles.content(of: path, tree) ?? [], path, .systemd)
      }
      files.append(file("/" + path, keys))
    }
    return files
  }

  private static func file(_ path: String, _ keys: [SectionedKey]) -> NetworkFile {
    var file = NetworkFile(path: path, conditions: [])
    for key in keys {
      if key.section == "Link", key.key == "Unmanaged" { file.isUnmanaged = key.isTrue }
      guard key.section == "Match", Self.keys.contains(key.key) else { continue }
      let index = file.conditions.firstIndex { $0.key == key.key }
      // An empty value removes the earlier ones; others are added to them.
      if key.value.isEmpty {
        if let index { file.conditions.remove(at: index) }
      } else if let index {
        file.conditions[index].words += words(key.value)
      } else {
        file.conditions.append(
          NetworkFile.Condition(key: key.key, words: words(key.value), origin: key.origin))
      }
    }
    return file
  }

  /// The words of a value. `!` at its start applies to each of them.
  private static func words(_ value: String) -> [String] {
    let isInverted = value.hasPrefix("!")
    return value.dropFirst(isInverted ? 1 : 0).split { $0 == " " || $0 == "\t" }.map { word in
      (isInverted ? "!" : "") + word.filter { $0 != "\"" && $0 != "'" }
    }
  }
}

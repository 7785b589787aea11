import Files
import Glibc
import HostModel
import SystemPackage

/// Reads /etc/network/interfaces and the files that it includes (interfaces(5)).
struct InterfacesFile {
  private static let start = "etc/network/interfaces"
  private static let mostFiles = 256

  private var lines: [InterfacesLine] = []
  private var seen: Set<String> = []

  static func read(_ tree: borrowing Tree) -> Observed<[InterfacesLine]?> {
    do throws(FileError) {
      guard try ConfigurationFiles.content(of: start, tree) != nil else { return .known(nil) }
      guard isInstalled(tree) else {
        // A captured tree contains no programs, so their absence means nothing.
        return tree.isLive
          ? .known(nil)
          : .unavailable("whether ifup is installed: the captured file tree has no programs")
      }
      var file = InterfacesFile()
      try file.read(start, tree)
      return .known(file.lines)
    } catch { return .unavailable(error.description) }
  }

  private static func isInstalled(_ tree: borrowing Tree) -> Bool {
    for path in ["usr/sbin/ifup", "sbin/ifup"] {
      // A program that cannot be opened for reading is not one of ifupdown.
      do { _ = try tree.file(path) } catch { continue }
      return true
    }
    return false
  }

  private mutating func read(_ path: String, _ tree: borrowing Tree) throws(FileError) {
    guard seen.insert(path).inserted, let content = try ConfigurationFiles.content(of: path, tree) else {
      return
    }
    guard seen.count <= Self.mostFiles else {
      throw FileError(tree.name(of: path), reason: "too many files are included")
    }
    var stanza: String?
    for (number, text) in ConfigurationFiles.lines(content, .interfaces) {
      let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
      guard let first = words.first else { continue }
      let rest = Array(words.dropFirst())
      let kind: InterfacesLine.Kind
      switch first {
      case "source", "source-directory":
        for pattern in rest { try include(pattern, isFolder: first == "source-directory", path, tree) }
        continue
      case "iface", "mapping":
        stanza = first == "iface" ? rest.first : nil
        kind = first == "iface" ? .iface : .mapping
      case "rename", "no-auto-down", "no-scripts", "template":
        stanza = nil
        continue
      case _ where first == "auto" || first.hasPrefix("allow-"):
        stanza = nil
        kind = .activation
      case "bridge_ports", "bridge-ports", "bond-slaves", "bond_slaves", "slaves", "ovs_ports", "ovs_bonds":
        guard stanza != nil else { continue }
        kind = .ports
      default: continue
      }
      lines.append(
        InterfacesLine(
          kind: kind, stanza: stanza, names: kind == .iface ? Array(rest.prefix(1)) : rest,
          origin: ConfigurationLine("/" + path, number)))
    }
  }

  /// Reads the files that a path with wildcards in its last part names, in the order of their names.
  private mutating func include(
    _ pattern: String, isFolder: Bool, _ from: String, _ tree: borrowing Tree
  ) throws(FileError) {
    let base = pattern.hasPrefix("/") ? [] : divided(from, at: "/").dropLast()
    let parts = (base + divided(pattern, at: "/")).filter { !$0.isEmpty && $0 != "." }.map(String.init)
    let folder = (isFolder ? parts : parts.dropLast()).joined(separator: "/")
    let last = isFolder ? "*" : parts.last ?? ""
    guard !folder.contains(where: { "*?[{$~`\\".contains($0) }), !parts.contains("..") else {
      throw FileError(tree.name(of: from), reason: "pcipass does not evaluate the path \(pattern)")
    }
    guard last.contains(where: { "*?[".contains($0) }) else {
      try read(folder + "/" + last, tree)
      return
    }
    for name in try ConfigurationFiles.names(in: folder, tree) {
      // The names in a folder are restricted; a path with wildcards leaves out hidden files.
      let isIncluded =
        isFolder
        ? isName(name, "_-", upTo: 255) || name.utf8.allSatisfy { $0 == 0x5F || $0 == 0x2D }
        : !name.hasPrefix(".") && last.utf8.count <= 255 && fnmatch(last, name, 0) == 0
      if isIncluded { try read(folder + "/" + name, tree) }
    }
  }
}

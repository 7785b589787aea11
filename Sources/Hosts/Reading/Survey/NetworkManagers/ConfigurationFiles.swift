import Files
import HostModel
import SystemPackage

/// Finds and reads configuration files of other programs. The number and the size of the files are limited, so
/// that a hostile tree cannot use up memory.
enum ConfigurationFiles {
  private static let longest = 1 << 18
  private static let most = 1024

  /// The paths of files, sorted by name. If several folders have a file of the same name, the one in the first
  /// folder counts.
  static func paths(
    in folders: [String], _ tree: borrowing Tree, where isWanted: (String) -> Bool
  ) throws(FileError) -> [String] {
    var found: [String: String] = [:]
    for folder in folders {
      for name in try names(in: folder, tree) where isWanted(name) && found[name] == nil {
        found[name] = folder + "/" + name
      }
    }
    return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
  }

  /// The names in a folder, sorted; none if the folder does not exist.
  static func names(in folder: String, _ tree: borrowing Tree) throws(FileError) -> [String] {
    do throws(Errno) {
      let names = try tree.folder(folder).names(upTo: most + 1)
      guard names.count <= most else { throw .fileTooLarge }
      return names.filter { isFileName($0) }
    } catch {
      if error == .noSuchFileOrDirectory { return [] }
      throw FileError(tree.name(of: folder), error)
    }
  }

  /// The content of a file; nil if it does not exist. A link to /dev/null is an empty file.
  static func content(of path: String, _ tree: borrowing Tree) throws(FileError) -> [UInt8]? {
    do throws(Errno) { return try content(of: path, tree, links: 4) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw FileError(tree.name(of: path), error)
    }
  }

  private static func content(of path: String, _ tree: borrowing Tree, links: Int) throws(Errno) -> [UInt8] {
    do { return try tree.file(path).contents(upTo: longest) } catch {
      // Links of a captured tree are not followed by the kernel, because they could lead out of it.
      guard error == .tooManySymbolicLinkLevels, !tree.isLive, links > 0 else { throw error }
    }
    let parts = divided(path, at: "/")
    let folder = parts.dropLast().joined(separator: "/")
    let target = try target(of: String(parts.last ?? ""), in: tree.folder(folder))
    if target == "/dev/null" { return [] }
    var resolved: [Substring] = target.hasPrefix("/") ? [] : Array(parts.dropLast())
    for part in divided(target, at: "/") where !part.isEmpty && part != "." {
      if part == ".." { _ = resolved.popLast() } else { resolved.append(part) }
    }
    return try content(of: resolved.joined(separator: "/"), tree, links: links - 1)
  }

  private static func target(of name: String, in folder: borrowing Folder) throws(Errno) -> String {
    // The bytes are valid only as long as the scratch memory lives.
    let scratch = Scratch(capacity: 4096)
    return try withExtendedLifetime(scratch) { () throws(Errno) in try folder.link(name, scratch).text }
  }

  /// How a format treats lines that end with a backslash, and comments between them.
  enum Syntax {
    /// No line is continued.
    case keyfile
    /// A comment is not continued. Within a continued line, `#` starts no comment.
    case interfaces
    /// A comment is not continued, and is left out of a continued line.
    case systemd
  }

  /// The lines of a text with their numbers, counted from 1, without white space at their ends, comments and empty
  /// lines.
  static func lines(_ content: [UInt8], _ syntax: Syntax) -> [(number: Int, text: String)] {
    var lines: [(number: Int, text: String)] = []
    var isContinued = false
    let all = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, bytes) in all.enumerated() {
      var text = trimmed(String(decoding: bytes, as: UTF8.self))
      let isComment = text.hasPrefix("#") || syntax == .systemd && text.hasPrefix(";")
      if isComment, !isContinued || syntax == .systemd { continue }
      let continues = syntax != .keyfile && text.utf8.last == UInt8(ascii: "\\")
      if continues { text.removeLast() }
      if isContinued {
        lines[lines.count - 1].text += " " + text
      } else if !text.isEmpty || continues {
        lines.append((index + 1, text))
      }
      isContinued = continues
    }
    return lines
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let utf8 = Substring(text).utf8.drop(while: isBlank)
    guard let end = utf8.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(Substring(utf8[...end]))
  }
}

/// A key of a file that consists of sections, as NetworkManager and systemd write them.
struct SectionedKey {
  let section: String
  let key: String
  let value: String
  let origin: ConfigurationLine

  var isFalse: Bool { ["false", "no", "off", "0", "n", "f"].contains(value.lowercased()) }
  var isTrue: Bool { ["true", "yes", "on", "1", "y", "t"].contains(value.lowercased()) }

  /// The keys of a file in their order.
  ///
  static func all(
    of content: [UInt8], _ path: String, _ syntax: ConfigurationFiles.Syntax
  ) -> [SectionedKey] {
    var section = ""
    var keys: [SectionedKey] = []
    for (number, line) in ConfigurationFiles.lines(content, syntax) {
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
      } else if let sign = line.firstIndex(of: "=") {
        keys.append(
          SectionedKey(
            section: section, key: ConfigurationFiles.trimmed(line[..<sign]),
            value: ConfigurationFiles.trimmed(line[line.index(after: sign)...]),
            origin: ConfigurationLine("/" + path, number)))
      }
    }
    return keys
  }
}

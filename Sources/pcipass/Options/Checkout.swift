import Files
import Glibc
import SystemPackage

/// A git checkout from which manifests are read.
enum Checkout {
  private static let git = "/usr/bin/git"

  /// The commit of the checkout of the paths, followed by `-dirty` if files below them differ from
  /// it. Nil where the commit is unknown: outside of a checkout, in a checkout that belongs to
  /// another user, or without git.
  static func revision(of paths: [String]) -> String? {
    let revisions = Set(paths.map(revision(of:)))
    return revisions.count == 1 ? revisions.first ?? nil : nil
  }

  private static func revision(of path: String) -> String? {
    guard path != "-", isInCheckout(path) else { return nil }
    let isFolder = (try? Stat(path).type) == .directory
    let folder = isFolder ? path : parent(of: path)
    guard let head = output(in: folder, ["rev-parse", "--verify", "HEAD"]), isCommit(head),
      let changes = output(
        in: folder,
        [
          "status", "--porcelain", "--",
          isFolder ? "." : String(path.dropFirst(folder == "." ? 0 : folder.count + 1)),
        ])
    else { return nil }
    return changes.isEmpty ? head : head + "-dirty"
  }

  /// Whether the folder or one above it contains `.git`. This check avoids a process outside of
  /// checkouts. Like git, it stops at the folders of GIT_CEILING_DIRECTORIES.
  private static func isInCheckout(_ path: String) -> Bool {
    guard let real = realpath(path, nil) else { return false }
    defer { free(real) }
    var folder = String(cString: real)
    let ceilings = getenv("GIT_CEILING_DIRECTORIES").map { String(cString: $0).split(separator: ":") } ?? []
    while !ceilings.contains(where: { $0 == folder }) {
      if (try? Stat(folder + "/.git")) != nil { return true }
      guard folder != "/", !folder.isEmpty else { return false }
      folder = parent(of: folder)
    }
    return false
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func isCommit(_ text: String) -> Bool {
    [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  /// The output of git without the line end. The options disable programs that the configuration of
  /// the checkout names.
  private static func output(in folder: String, _ arguments: [String]) -> String? {
    let options = [
      "-C", folder, "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    ]
    let bytes = try? Subprocess.output(git, options + arguments, upTo: 1 << 20, within: .seconds(10))
    return bytes.map { String(decoding: $0, as: UTF8.self) }.map { text in
      text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
  }
}

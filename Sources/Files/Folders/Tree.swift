import Glibc
import SystemPackage

/// The root folder from which a host is read: `/`, or a captured or generated tree.
public struct Tree: ~Copyable {
  /// The path of the root as messages show it: without a slash at the end.
  public let prefix: String
  /// Whether this is the machine itself. Only then links outside of sysfs are followed (`/lib`,
  /// `/proc/net`), and only then the output of commands describes this host.
  public let isLive: Bool
  private let root: Folder

  public init(_ path: String) throws(Errno) {
    var path = Substring(path.isEmpty ? "." : path)
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    isLive = path == "/"
    prefix = isLive ? "" : String(path)
    root = try Folder(at: String(path))
  }

  /// The name of a path below the root in messages.
  public borrowing func name(of path: String) -> String { prefix + "/" + path }

  /// Opens a folder below the root. The path does not start with a slash.
  public borrowing func folder(_ path: String) throws(Errno) -> Folder {
    if isLive {
      return Folder(adopting: try retrying { openat(root.descriptor, path, OpenFlags.folder) })
    }
    var folder = try root.copy()
    for component in path.split(separator: "/") { folder = try folder.folder(String(component)) }
    return folder
  }

  /// Opens a file below the root for reading.
  public borrowing func file(_ path: String) throws(Errno) -> OpenFile {
    if isLive {
      return OpenFile(adopting: try retrying { openat(root.descriptor, path, OpenFlags.file) })
    }
    let parts = path.split(separator: "/")
    let folder = try folder(parts.dropLast().joined(separator: "/"))
    let name = parts.last.map(String.init) ?? "."
    return try folder.file(name)
  }
}

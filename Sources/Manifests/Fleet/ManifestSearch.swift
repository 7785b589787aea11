import Documents
import Files
import SystemPackage

/// Finds the files that paths stand for.
struct ManifestSearch {
  /// A file, or the reason why it cannot be read.
  typealias Found = Result<ManifestFile, Diagnostics>

  private(set) var found: [Found] = []
  private static let maximumDepth = 32
  private static let suffixes = [".yaml", ".yml", ".json"]

  mutating func look(at path: String) {
    do throws(Diagnostics) {
      if path != "-", try type(of: path) == .directory {
        try lookInFolder(path, depth: 0)
      } else {
        found.append(.success(ManifestFile(path: path)))
      }
    } catch {
      found.append(.failure(error))
    }
  }

  /// Searches a folder. An entry that cannot be read is reported, and the search continues.
  private mutating func lookInFolder(_ folder: String, depth: Int) throws(Diagnostics) {
    guard depth <= Self.maximumDepth else {
      throw Diagnostics(code: "limit", "\(folder) is nested more than \(Self.maximumDepth) folders deep")
    }
    for name in try names(in: folder) {
      do throws(Diagnostics) {
        try lookAtEntry(folder.hasSuffix("/") ? folder + name : folder + "/" + name, depth: depth)
      } catch {
        found.append(.failure(error))
      }
    }
  }

  private mutating func lookAtEntry(_ path: String, depth: Int) throws(Diagnostics) {
    if try type(of: path, followingLinks: false) == .directory {
      try lookInFolder(path, depth: depth + 1)
    } else if Self.suffixes.contains(where: path.hasSuffix) {
      switch try type(of: path) {
      case .regular: found.append(.success(ManifestFile(path: path, isFound: true)))
      case .directory: break  // a link to a folder
      default:
        throw Diagnostics(
          code: "unreadable", "\(path) is not a file or folder: it is a FIFO, a socket or a device")
      }
    }
  }

  private func names(in folder: String) throws(Diagnostics) -> [String] {
    do throws(Errno) { return try Folder.shownNames(at: folder, followsLink: true).sorted() } catch {
      throw .unreadable(FileError(folder, error))
    }
  }

  private func type(of path: String, followingLinks: Bool = true) throws(Diagnostics) -> FileType {
    do throws(Errno) { return try Stat(path, followTargetSymlink: followingLinks).type } catch {
      throw .unreadable(FileError(path, error))
    }
  }
}

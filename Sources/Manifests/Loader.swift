import Documents
import Glibc
import SystemPackage

/// Reads manifests from files and folders.
public struct Loader {
  public private(set) var fleet = Fleet()
  public private(set) var diagnostics: [Diagnostic] = []
  public private(set) var documentCount = 0
  private let limits: Limits

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Everything below the paths, with all that is wrong with it. A folder stands for its `.yaml` and
  /// `.yml` files, at any depth; hidden ones are left out, and folders that are links are not followed.
  public static func load(_ paths: [String], limits: Limits = Limits()) -> Loader {
    var loader = Loader(limits: limits)
    for path in paths { loader.read(path) }
    if loader.documentCount == 0, loader.diagnostics.isEmpty {
      loader.diagnostics.append(
        Diagnostic(
          code: "no-manifest", "no manifest in \(paths.joined(separator: ", "))",
          help: "a folder is searched for .yaml and .yml files; documents are divided by ---"))
    }
    // A document that could not be read may be the very one that another refers to.
    loader.diagnostics += FleetCheck.diagnostics(of: loader.fleet, isComplete: loader.diagnostics.isEmpty)
    return loader
  }

  /// The documents of one text.
  public mutating func read(_ source: Source) {
    var found: [(Manifest?, [Diagnostic])] = []
    do throws(Diagnostic) {
      try YAMLReader.forEachDocument(of: source, limits: limits) { node in
        var decoding = Decoding(source: source)
        let manifest = Manifest.decode(node, &decoding)
        found.append((manifest, decoding.diagnostics))
      }
    } catch {
      found.append((nil, [error]))
    }
    for (manifest, problems) in found {
      documentCount += 1
      diagnostics += problems.sorted { ($0.place?.mark).isBefore($1.place?.mark) }
      switch manifest {
      case .host(let host): fleet.hosts.append(host)
      case .guest(let guest): fleet.guests.append(guest)
      case nil: break
      }
    }
  }

  private mutating func read(_ path: String) {
    do throws(Diagnostic) {
      if path != "-", try status(of: path) & S_IFMT == S_IFDIR {
        try readFolder(path, depth: 0)
      } else {
        read(try Source.file(path, limits: limits))
      }
    } catch {
      diagnostics.append(error)
    }
  }

  private static let deepest = 32

  /// What cannot be read in there is reported, and the rest read nevertheless.
  private mutating func readFolder(_ folder: String, depth: Int) throws(Diagnostic) {
    guard depth <= Self.deepest else {
      throw Diagnostic(code: "limit", "\(folder) lies more than \(Self.deepest) folders deep")
    }
    for name in try names(in: folder) {
      do throws(Diagnostic) {
        try readEntry(folder.hasSuffix("/") ? folder + name : folder + "/" + name, depth: depth)
      } catch {
        diagnostics.append(error)
      }
    }
  }

  private mutating func readEntry(_ path: String, depth: Int) throws(Diagnostic) {
    if try status(of: path, followingLinks: false) & S_IFMT == S_IFDIR {
      try readFolder(path, depth: depth + 1)
    } else if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      switch try status(of: path) & S_IFMT {
      case S_IFREG: read(try Source.file(path, limits: limits))
      case S_IFDIR: break  // a link to a folder
      default: throw Diagnostic(code: "unreadable", "\(path) is not a file: a FIFO, a socket or a device")
      }
    }
  }

  private func names(in folder: String) throws(Diagnostic) -> [String] {
    guard let stream = opendir(folder) else { throw unreadable(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private func status(of path: String, followingLinks: Bool = true) throws(Diagnostic) -> mode_t {
    var status = stat()
    guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { throw unreadable(path) }
    return status.st_mode
  }

  private func unreadable(_ path: String) -> Diagnostic {
    let error = Errno(rawValue: errno)
    return Diagnostic(code: "unreadable", "\(path) cannot be read: \(error.description)")
  }
}

extension Mark? {
  /// Top to bottom, as somebody mends a file.
  fileprivate func isBefore(_ other: Mark?) -> Bool {
    guard let self, let other else { return self != nil && other == nil }
    return (self.line, self.column) < (other.line, other.column)
  }
}

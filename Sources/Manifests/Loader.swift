import Documents
import Files
import SystemPackage

/// Reads manifests from files and folders.
public struct Loader {
  /// The documents that could be decoded.
  public private(set) var fleet = Fleet()
  /// The problems of the files in their order, then the problems across documents.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The number of documents that were read, including invalid ones.
  public private(set) var documentCount = 0
  private let limits: Limits
  /// The name that messages show in place of a path.
  private var origin: (path: String, name: String)?

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Reads all files under the paths and checks them together. A folder stands for its `.yaml` and
  /// `.yml` files at any depth. Hidden entries and links to folders are skipped; `-` is standard
  /// input.
  ///
  /// - Parameter origin: the name that messages and plans show in place of the first path.
  public static func load(_ paths: [String], origin: String? = nil, limits: Limits = Limits()) -> Loader {
    var search = Search()
    for path in paths { search.look(at: path) }
    var loader = Loader(limits: limits)
    loader.origin = origin.flatMap { name in paths.first.map { ($0, name) } }
    loader.read(search.found)
    loader.check(paths)
    return loader
  }

  /// Reads one text and checks its documents together.
  public static func load(_ source: Source) -> Loader {
    var loader = Loader()
    loader.read(source)
    loader.check([source.name])
    return loader
  }

  private mutating func check(_ paths: [String]) {
    if documentCount == 0, diagnostics.isEmpty {
      diagnostics.append(
        Diagnostic(
          code: "no-manifest", "no manifest in \(paths.joined(separator: ", "))",
          help: "pcipass reads the .yaml and .yml files of a folder; separate documents with ---"))
    }
    // A document that could not be read may be the one that another document refers to.
    diagnostics += FleetCheck.diagnostics(of: fleet, isComplete: diagnostics.isEmpty)
  }

  /// Adds the documents of one text, without the checks across documents.
  public mutating func read(_ source: Source) { add(Self.documents(of: source, limits)) }

  /// The value of one document, and its problems.
  private typealias Document = (manifest: Manifest?, diagnostics: [Diagnostic])

  /// Reads the files in parallel. The documents are added in the order in which the files were found.
  private mutating func read(_ found: [Search.Found]) {
    let contents = inParallel(count: found.count, atLeast: 2) { [limits, origin] part in
      found[part].map { found in
        Result { () throws(Diagnostics) in
          let source = try Source.file(try found.get(), limits: limits)
          return Self.documents(of: Self.named(source, origin), limits)
        }
      }
    }
    for content in contents {
      switch content {
      case .success(let documents): add(documents)
      case .failure(let error): diagnostics += error.all
      }
    }
  }

  /// Returns the source under the name of its origin: `NAME`, or `NAME/…` for a file of a folder.
  private static func named(_ source: Source, _ origin: (path: String, name: String)?) -> Source {
    guard let origin else { return source }
    let rest =
      source.name == origin.path || origin.path == "-" ? "" : String(source.name.dropFirst(origin.path.count))
    let name = rest.isEmpty || rest.hasPrefix("/") ? origin.name + rest : origin.name + "/" + rest
    return Source(name: name, text: source.text)
  }

  private static func documents(of source: Source, _ limits: Limits) -> [Document] {
    var documents: [Document] = []
    do throws(Diagnostics) {
      try YAMLReader.forEachDocument(of: source, limits: limits) { node in
        var decoding = Decoding(source: source)
        let manifest = Manifest.decode(node, &decoding)
        documents.append((manifest, decoding.diagnostics))
      }
    } catch {
      documents.append((nil, error.all))
    }
    return documents
  }

  private mutating func add(_ documents: [Document]) {
    for document in documents {
      documentCount += 1
      diagnostics += document.diagnostics.sorted { ($0.location?.position).isBefore($1.location?.position) }
      switch document.manifest {
      case .host(let host): fleet.hosts.append(host)
      case .guest(let guest): fleet.guests.append(guest)
      case nil: break
      }
    }
  }
}

/// Finds the files that paths stand for.
private struct Search {
  /// The path of a file, or the reason why it cannot be read.
  typealias Found = Result<String, Diagnostics>

  private(set) var found: [Found] = []
  private static let maximumDepth = 32

  mutating func look(at path: String) {
    do throws(Diagnostics) {
      if path != "-", try type(of: path) == .directory {
        try lookInFolder(path, depth: 0)
      } else {
        found.append(.success(path))
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
    } else if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
      switch try type(of: path) {
      case .regular: found.append(.success(path))
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

extension Position? {
  /// Whether a problem at this position comes before one at the other position. Problems without a
  /// position come last.
  fileprivate func isBefore(_ other: Position?) -> Bool {
    guard let self, let other else { return self != nil && other == nil }
    return (self.line, self.column) < (other.line, other.column)
  }
}

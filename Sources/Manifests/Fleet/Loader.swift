import Documents
import Files

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
  private var faults = FaultScopes()
  /// The scope of each diagnostic of a document.
  private var scopes: [FaultScope] = []

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// The names of the hosts whose Host document cannot be decoded.
  public var undecodedHosts: [String] { faults.hosts }

  /// Reads all files under the paths and checks them together. A folder stands for its `.yaml`, `.yml` and
  /// `.json` files at any depth, without other JSON documents of pcipass. Hidden entries and links to
  /// folders are skipped; `-` is standard input.
  ///
  /// - Parameter origin: the name that messages and plans show in place of the first path.
  public static func load(_ paths: [String], origin: String? = nil, limits: Limits = Limits()) -> Loader {
    var search = ManifestSearch()
    for path in paths { search.look(at: path) }
    var loader = Loader(limits: limits)
    loader.origin = origin.flatMap { name in paths.first.map { ($0, name) } }
    loader.read(search.found)
    loader.check(paths)
    return loader
  }

  /// Reads one text and checks its documents together.
  public static func load(_ source: Source, as format: ManifestFormat = .yaml) -> Loader {
    var loader = Loader()
    loader.read(source, as: format)
    loader.check([source.name])
    return loader
  }

  private mutating func check(_ paths: [String]) {
    if documentCount == 0, diagnostics.isEmpty {
      diagnostics.append(
        Diagnostic(
          code: "no-manifest", "no manifest in \(paths.joined(separator: ", "))",
          help: "pcipass reads the .yaml, .yml and .json files of a folder; separate YAML documents with ---")
      )
      scopes.append(.unknown)
    }
    let hosts = faults.hostsByClass(in: fleet)
    for (index, scope) in scopes.enumerated() { diagnostics[index].hosts = hosts.hosts(of: scope) }
    // A document that could not be read may be the one that another document refers to.
    let isComplete = faults.areKnown
    diagnostics += fleet.inheritClasses(isComplete: isComplete)
    diagnostics += FleetCheck.diagnostics(of: fleet, undecoded: faults.hosts, isComplete: isComplete)
  }

  /// Adds the documents of one text, without the checks across documents.
  public mutating func read(_ source: Source, as format: ManifestFormat = .yaml) {
    add(ManifestDocument.all(in: source, as: format, of: ManifestFile(path: source.name), limits))
  }

  /// Reads the files in parallel. The documents are added in the order in which the files were found.
  private mutating func read(_ found: [ManifestSearch.Found]) {
    let contents = inParallel(count: found.count, atLeast: 2) { [limits, origin] part in
      found[part].map { found in
        Result { () throws(Diagnostics) in
          let file = try found.get()
          let source = Self.named(try Source.file(file.path, limits: limits), origin)
          return ManifestDocument.all(in: source, as: ManifestFormat(ofFile: file.path), of: file, limits)
        }
      }
    }
    for content in contents {
      switch content {
      case .success(let documents): add(documents)
      case .failure(let error): add(ManifestDocument(diagnostics: error.all), isRead: false)
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

  private mutating func add(_ documents: [ManifestDocument]) {
    for document in documents { add(document, isRead: true) }
  }

  private mutating func add(_ document: ManifestDocument, isRead: Bool) {
    if isRead { documentCount += 1 }
    diagnostics += document.diagnostics
    scopes += Array(repeating: document.scope, count: document.diagnostics.count)
    switch document.manifest {
    case .hostClass(let each): fleet.classes.append(each)
    case .host(let host): fleet.hosts.append(host)
    case .guest(let guest): fleet.guests.append(guest)
    case nil: faults.add(document.scope)
    }
  }
}

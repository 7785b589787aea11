import Documents

/// Manifests that could be read, with the errors that concern only some of their hosts.
public struct LoadedManifests: Sendable {
  /// The documents without errors of their own.
  public let fleet: Fleet
  /// All errors, warnings and notes of the manifests. Each error names the hosts that it concerns.
  public let diagnostics: [Diagnostic]
  /// The names of the hosts whose Host document cannot be decoded.
  public let undecodedHosts: [String]

  /// - Throws: all diagnostics, if an error may concern every host.
  public init(_ loader: Loader) throws(Diagnostics) {
    guard !loader.diagnostics.contains(where: { $0.severity == .error && $0.hosts == nil }) else {
      throw Diagnostics(loader.diagnostics)
    }
    fleet = loader.fleet
    diagnostics = loader.diagnostics
    undecodedHosts = loader.undecodedHosts
  }

  /// The documents of a journal or a saved plan.
  public init(_ fleet: Fleet) {
    self.fleet = fleet
    diagnostics = []
    undecodedHosts = []
  }
}

extension LoadedManifests {
  /// The diagnostics for a run on one host: an error that concerns only other hosts is a warning.
  public func diagnostics(on host: String) -> [Diagnostic] { diagnostics.on([host]) }

  /// The manifests for a run on one host.
  ///
  /// - Throws: all diagnostics, if an error concerns the host.
  public func checked(on host: String) throws(Diagnostics) -> (Fleet, warnings: [Diagnostic]) {
    let found = diagnostics(on: host)
    guard !found.hasErrors else { throw Diagnostics(found) }
    return (fleet, found)
  }
}

extension [Diagnostic] {
  /// The diagnostics for a run on these hosts: an error that concerns only others is a warning.
  public func on(_ hosts: Set<String>) -> [Diagnostic] {
    map { diagnostic in
      guard diagnostic.severity == .error, let concerned = diagnostic.hosts,
        hosts.isDisjoint(with: concerned)
      else { return diagnostic }
      var result = diagnostic
      result.severity = .warning
      let first = concerned.prefix(3).joined(separator: ", ")
      let others = concerned.count - 3
      result.message += " (concerns only \(first)\(others > 0 ? " and \(others) more" : ""))"
      return result
    }
  }
}

extension Fleet {
  /// Throws if documents contradict each other. Hosts have the entries of their classes already.
  public func check() throws(Diagnostics) {
    let problems = FleetCheck.diagnostics(of: self)
    guard !problems.hasErrors else { throw Diagnostics(problems) }
  }
}

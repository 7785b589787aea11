import Documents

extension Fleet {
  /// Adds the entries of its class to each host.
  ///
  /// - Parameter isComplete: whether all documents could be read. If not, a missing class is not reported,
  ///   because it may be in an unreadable document.
  /// - Returns: the classes that are declared twice or missing.
  mutating func inheritClasses(isComplete: Bool) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    var specs: [String: HostClassManifest] = [:]
    for each in classes {
      if let first = specs[each.name] {
        diagnostics.append(
          .duplicateName("the HostClass \(each.name)", each.metadata.name, first.metadata.name))
      } else {
        specs[each.name] = each
      }
    }
    for index in hosts.indices {
      guard let name = hosts[index].spec.hostClass else { continue }
      if let found = specs[name.value] {
        hosts[index].spec = hosts[index].spec.inheriting(found.spec)
      } else if isComplete {
        var missing = unknownClass(name, "\(hosts[index].name) has the class")
        missing.hosts = [hosts[index].name]
        diagnostics.append(missing)
      }
    }
    guard isComplete else { return diagnostics }
    for guest in guests {
      guard case .ofClass(let name) = guest.hosts, specs[name] == nil else { continue }
      diagnostics.append(
        unknownClass(Located(name, at: guest.spec.hosts.location), "\(guest.name) runs on hosts of the class")
      )
    }
    return diagnostics
  }

  private func unknownClass(_ name: Located<String>, _ what: String) -> Diagnostic {
    Diagnostic(
      code: "unknown-class", "\(what) \(name.value), and the manifests have no HostClass of that name",
      at: name.location,
      help: nearest(to: name.value, among: classes.map(\.name)).map { "did you mean \($0)?" }
        ?? "add the file with this HostClass")
  }
}

extension Diagnostic {
  /// A second document or entry with a name.
  static func duplicateName(_ what: String, _ second: Located<String>, _ first: Located<String>) -> Diagnostic
  {
    Diagnostic(
      code: "duplicate-name", "\(what) is declared twice", at: second.location, related: first.location)
  }
}

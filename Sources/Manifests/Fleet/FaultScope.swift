import Documents
import HostModel

/// What a document that cannot be decoded concerns, as far as its text tells.
enum FaultScope {
  /// It may concern every host: it is a HostClass, or its kind, its name or its hosts cannot be read.
  case unknown
  /// A Host of this name and of this class.
  case host(String, HostClassName)
  /// A Guest of these hosts.
  case guest(GuestHosts)

  /// The class of a Host that cannot be decoded.
  enum HostClassName: Equatable {
    case unknown
    case known(String?)
  }

  init(of document: Node) {
    switch document.text("kind") {
    case "Host":
      let name = document["metadata"]?["name"].flatMap { Self.value($0, .hostName) }
      self = name.map { .host($0, Self.hostClass(of: document)) } ?? .unknown
    case "Guest":
      self = Self.guestHosts(of: document).map { .guest($0) } ?? .unknown
    default: self = .unknown
    }
  }

  private static func hostClass(of document: Node) -> HostClassName {
    guard let spec = document["spec"], case .mapping = spec.content else { return .unknown }
    guard let name = spec["class"] else { return .known(nil) }
    return value(name, .hostName).map { .known($0) } ?? .unknown
  }

  private static func guestHosts(of document: Node) -> GuestHosts? {
    let one = document["spec"]?["host"]
    let several = document["spec"]?["hosts"]
    guard (one == nil) != (several == nil) else { return nil }
    return one.flatMap { value($0, .hostName).map { .one($0) } } ?? several.flatMap { value($0, .several) }
  }

  private static func value<Value>(_ node: Node, _ form: Form<Value>) -> Value? {
    var decoding = Decoding(source: Source(name: "", text: []))
    guard let value = form.decode(node, &decoding), decoding.diagnostics.isEmpty else { return nil }
    return value
  }
}

/// The scopes of all documents that cannot be decoded.
struct FaultScopes {
  /// The names of the hosts whose Host cannot be decoded, in the order of the documents.
  private(set) var hosts: [String] = []
  /// Whether the kind of each document is known, and none of them is a class. Otherwise another document may
  /// refer to one of them.
  private(set) var areKnown = true
  private var classes: [String: FaultScope.HostClassName] = [:]

  mutating func add(_ scope: FaultScope) {
    switch scope {
    case .unknown: areKnown = false
    case .host(let name, let hostClass):
      if let other = classes.updateValue(hostClass, forKey: name) {
        if other != hostClass { classes[name] = .unknown }
      } else {
        hosts.append(name)
      }
    case .guest: break
    }
  }

  /// The hosts of each class, with those that may be of the class.
  func hostsByClass(in fleet: Fleet) -> HostsByClass {
    var result = HostsByClass()
    for host in fleet.hosts {
      if let name = host.spec.hostClass?.value { result.known[name, default: []].append(host.name) }
    }
    for host in hosts {
      switch classes[host] {
      case .known(let name?): result.known[name, default: []].append(host)
      case .unknown: result.unknown.append(host)
      case .known(nil), nil: break
      }
    }
    return result
  }

  struct HostsByClass {
    fileprivate var known: [String: [String]] = [:]
    fileprivate var unknown: [String] = []

    /// The only hosts that a document concerns; nil where it may concern every host.
    func hosts(of scope: FaultScope) -> [String]? {
      switch scope {
      case .unknown: return nil
      case .host(let name, _): return [name]
      case .guest(.one(let name)): return [name]
      case .guest(.several(let names)): return names
      case .guest(.ofClass(let name)):
        let hosts = (known[name] ?? []) + unknown
        // A class that no host has may be a mistyped name.
        return hosts.isEmpty ? nil : hosts
      }
    }
  }
}

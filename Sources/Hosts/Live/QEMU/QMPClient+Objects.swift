import Documents

/// QEMU's tree of objects: devices, their buses, and what they say of themselves.
extension QMPClient.Command {
  static func list(_ path: String) -> Self { Self("qom-list", [JSON.Member("path", .string(path))]) }

  static func get(_ property: String, of path: String) -> Self {
    Self("qom-get", [JSON.Member("path", .string(path)), JSON.Member("property", .string(property))])
  }
}

/// What `qom-list` says of an object.
struct QEMUObject {
  struct Member {
    let name: String
    /// Of an object below this one; nil for a property.
    let childType: String?
  }

  /// Where devices with an id are, and those without.
  static let peripherals = "/machine/peripheral"
  static let anonymous = "/machine/peripheral-anon"
  /// Where what `-object` made is, by its id.
  static let objects = "/objects/"

  let members: [Member]

  init(_ node: Node) throws(QEMUFailure) {
    guard let elements = node.elements else { throw .nonsense("qom-list returned no list") }
    var members: [Member] = []
    for element in elements {
      guard let name = element["name"]?.string, let type = element["type"]?.string else {
        throw .nonsense("qom-list returned what has no name or no type")
      }
      let isChild = type.hasPrefix("child<") && type.hasSuffix(">")
      members.append(Member(name: name, childType: isChild ? String(type.dropFirst(6).dropLast()) : nil))
    }
    self.members = members
  }

  /// Of a bus: `child[0]`, a link to a device on it.
  var hasDevices: Bool { members.contains { $0.name.hasPrefix("child[") } }

  func has(_ name: String) -> Bool { members.contains { $0.name == name } }
}

extension QMPClient {
  /// An object, or nil where it is not there: some containers are made when there is something to hold.
  static func object(_ answer: Result<Node, QMPError>) throws(QEMUFailure) -> QEMUObject? {
    if case .failure(let error) = answer, error.kind == .generic { throw .error(error) }
    guard let node = try found(answer, by: "qom-list") else { return nil }
    return try QEMUObject(node)
  }

  /// What a command returned, or nil where its object is gone or has no such property.
  static func found(_ answer: Result<Node, QMPError>, by command: String) throws(QEMUFailure) -> Node? {
    switch answer {
    case .success(let node): return node
    case .failure(let error):
      switch error.kind {
      case .commandNotFound: throw .missing(command: command)
      case .deviceNotFound, .generic: return nil
      case .deviceNotActive, .kvmMissing, .other: throw .error(error)
      }
    }
  }
}

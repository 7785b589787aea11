import Documents

/// Commands on QEMU's tree of objects: devices, their buses, and their properties.
extension QMPClient.QMPCommand {
  /// `qom-list`
  static func list(_ path: String) -> Self { Self("qom-list", [JSON.Member("path", .string(path))]) }

  /// `qom-get`
  static func get(_ property: String, of path: String) -> Self {
    Self("qom-get", [JSON.Member("path", .string(path)), JSON.Member("property", .string(property))])
  }
}

/// An object as `qom-list` answers: its properties, and the objects below it.
struct QEMUObject {
  struct Property {
    let name: String
    /// The type of an object below this one; nil for a property.
    let childType: String?
  }

  /// The containers of devices with an id and of devices without one.
  static let peripherals = "/machine/peripheral"
  static let anonymous = "/machine/peripheral-anon"
  /// The container of the objects of `-object`, by their ids.
  static let objects = "/objects/"

  let members: [Property]

  init(_ node: Node) throws(QEMUFailure) {
    guard let elements = node.elements else { throw .notQMP("qom-list did not return a list") }
    var members: [Property] = []
    for element in elements {
      guard let name = element["name"]?.string, let type = element["type"]?.string else {
        throw .notQMP("qom-list returned an item without name or type")
      }
      let isChild = type.hasPrefix("child<") && type.hasSuffix(">")
      members.append(Property(name: name, childType: isChild ? String(type.dropFirst(6).dropLast()) : nil))
    }
    self.members = members
  }

  /// Whether a bus has devices: `child[0]` is a link to the first.
  var hasDevices: Bool { members.contains { $0.name.hasPrefix("child[") } }

  func has(_ name: String) -> Bool { members.contains { $0.name == name } }
}

extension QMPClient {
  /// The object of an answer to `qom-list`; nil if there is none: some containers exist only while
  /// they have members.
  static func object(_ answer: Result<Node, QMPError>) throws(QEMUFailure) -> QEMUObject? {
    if case .failure(let error) = answer, error.kind == .generic { throw .error(error) }
    guard let node = try found(answer, by: "qom-list") else { return nil }
    return try QEMUObject(node)
  }

  /// The result of a command; nil if its object no longer exists or does not have the property.
  ///
  /// - Throws: `.missing` if QEMU does not have the command; `.error` with any other error.
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

import Documents

/// A message of a monitor (https://www.qemu.org/docs/master/interop/qmp-spec.html). Unknown members
/// are ignored, because later versions of QEMU add some.
enum QMPMessage: Sendable {
  /// The first message of a connection.
  case greeting(QEMUVersion)
  /// The result of a command.
  case answer(id: Int, Node)
  /// The error of a command; the id is nil if QEMU could not parse the command.
  case error(id: Int?, QMPError)
  /// An event with its data; an empty object if the event has none.
  case event(String, Node)

  struct QEMUVersion: Sendable, Equatable {
    var major: Int
    var minor: Int
    var micro: Int
  }

  /// Nil if the object is none of these, or more than one.
  init?(_ node: Node) {
    let kinds = ["QMP", "return", "error", "event"].filter { node[$0] != nil }
    guard kinds.count == 1 else { return nil }
    if let greeting = node["QMP"] {
      guard let version = QEMUVersion(greeting) else { return nil }
      self = .greeting(version)
    } else if let value = node["return"] {
      guard let id = node["id"]?.integer else { return nil }
      self = .answer(id: id, value)
    } else if let error = node["error"] {
      guard let error = QMPError(error), node["id"] == nil || node["id"]?.integer != nil else { return nil }
      self = .error(id: node["id"]?.integer, error)
    } else {
      guard let name = node["event"]?.string else { return nil }
      let data = node["data"] ?? Node(.mapping([]), position: node.position)
      guard case .mapping = data.content else { return nil }
      self = .event(name, data)
    }
  }
}

extension QMPMessage.QEMUVersion {
  fileprivate init?(_ greeting: Node) {
    guard let version = greeting["version"]?["qemu"], let major = version["major"]?.integer,
      let minor = version["minor"]?.integer, let micro = version["micro"]?.integer
    else { return nil }
    self.init(major: major, minor: minor, micro: micro)
  }
}

extension QMPError {
  fileprivate init?(_ node: Node) {
    guard let name = node["class"]?.string, let message = node["desc"]?.string else { return nil }
    // A snapshot limits the length of a reason.
    self.init(Class(name.prefixOfScalars(64)), message.prefixOfScalars(4096))
  }
}

extension String {
  fileprivate func prefixOfScalars(_ count: Int) -> String { String(unicodeScalars.prefix(count)) }
}

/// The value of a node in QMP; nil if the node has another JSON type.
extension Node {
  var string: String? {
    guard case .scalar(let scalar) = content, !scalar.isPlain else { return nil }
    return scalar.text
  }

  var integer: Int? {
    guard case .scalar(let scalar) = content, scalar.isPlain else { return nil }
    return scalar.integer
  }

  var boolean: Bool? {
    guard case .scalar(let scalar) = content, scalar.kind == .boolean else { return nil }
    return scalar.text == "true"
  }

  var elements: [Node]? {
    guard case .sequence(let elements) = content else { return nil }
    return elements
  }
}

import Documents

/// A document that a test can change and write out again, valid or not.
indirect enum Tree {
  /// A plain scalar is written without quotes, even where that makes the document another one.
  case scalar(String, isPlain: Bool)
  case list([Tree])
  case mapping([(key: String, value: Tree)])

  init(_ node: Node) {
    switch node.content {
    case .scalar(let scalar): self = .scalar(scalar.text, isPlain: scalar.isPlain)
    case .sequence(let nodes): self = .list(nodes.map(Tree.init))
    case .mapping(let members): self = .mapping(members.map { ($0.key, Tree($0.value)) })
    }
  }

  /// The document on one line in flow style, which is JSON if all its scalars are.
  var flow: String {
    switch self {
    case .scalar(let text, let isPlain): isPlain ? text : JSON.string(text).line
    case .list(let elements): "[" + elements.map(\.flow).joined(separator: ", ") + "]"
    case .mapping(let members):
      "{" + members.map { "\(JSON.string($0.key).line): \($0.value.flow)" }.joined(separator: ", ") + "}"
    }
  }

  /// The document in block style, as people write it.
  var block: String { block(indent: "") }

  private func block(indent: String) -> String {
    switch self {
    case .list(let elements) where !elements.isEmpty:
      elements.map { "\(indent)-\($0.blockValue(indent: indent))" }.joined()
    case .mapping(let members) where !members.isEmpty:
      members.map { "\(indent)\(Self.blockKey($0.key)):\($0.value.blockValue(indent: indent))" }.joined()
    default: indent + flow + "\n"
    }
  }

  private func blockValue(indent: String) -> String {
    switch self {
    case .list(let elements) where !elements.isEmpty: "\n" + block(indent: indent + "  ")
    case .mapping(let members) where !members.isEmpty: "\n" + block(indent: indent + "  ")
    default: " " + flow + "\n"
    }
  }

  private static func blockKey(_ key: String) -> String {
    key.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 } && !key.isEmpty
      ? key : JSON.string(key).line
  }
}

extension Tree {
  /// The path from the root to each value; the empty path of the root is first.
  var paths: [[Int]] {
    [[]] + children.enumerated().flatMap { index, child in child.paths.map { [index] + $0 } }
  }

  var children: [Tree] {
    switch self {
    case .scalar: []
    case .list(let elements): elements
    case .mapping(let members): members.map(\.value)
    }
  }

  subscript(path: some Collection<Int>) -> Tree {
    get { path.first.map { children[$0][Array(path.dropFirst())] } ?? self }
    set {
      guard let first = path.first else {
        self = newValue
        return
      }
      let rest = Array(path.dropFirst())
      switch self {
      case .scalar: break
      case .list(var elements):
        elements[first][rest] = newValue
        self = .list(elements)
      case .mapping(var members):
        members[first].value[rest] = newValue
        self = .mapping(members)
      }
    }
  }
}

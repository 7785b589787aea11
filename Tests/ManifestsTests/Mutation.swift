import Documents

/// Damages documents in the ways that people and tools do.
struct Mutator {
  private var generator: Generator
  private let keys: [String]
  private let values: [Tree]

  /// Keys and values come from the documents, so that many of them are valid at their new position.
  init(seed: UInt64, material: [Tree]) {
    generator = Generator(seed: seed)
    let all = material.flatMap { tree in tree.paths.map { tree[$0] } }
    let found = all.flatMap { tree -> [String] in
      if case .mapping(let members) = tree { members.map(\.key) } else { [] }
    }
    keys = Set(found).sorted()
    values = all
  }

  static let nasty = [
    "", "~", "null", "true", "False", "on", "off", "yes", "No", "0", "-0", "1", "-1", "+1", "7", "8", "12",
    "255", "256",
    "257", "4094", "4095", "4096", "8086", "9999", "10000", "99999", "100000", "999999", "1000000", "1000001",
    "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "99999999999999999999999", "1.5", "12.0", "-0.0", ".5", "5.", "1e2", "1e400", "012", "08", "0x10",
    "0x8086",
    "0xFFFF", "0x10000", "0x", "0o17", "1_000", ".inf", ".nan", "2026-01-01", "1:30", "a", "A-b_c.d", "-a",
    "a b", "a/b",
    "a/0", "a/255", "a/256", "a/01", "a/-1", "a//1", "a/", ".", "..", "...", "é", "漢字", "🙂", "a\n", "\n",
    "a\tb", "\u{0}",
    "\u{7F}", "\u{85}", " ", "a ", " a", "#", "*x", "&x a", "!!int 3", "!!str 3", "@", "[", "}", "{}", "[]",
    "%", "Host",
    "Guest", "host", "pcipass/v1", "pcipass/v2", "0000:03:00.0", "0000:03:20.0", "0000:03:1f.7",
    "0000:03:00.8",
    "03:00.0", "00000000:03:00.0", "000000000:03:00.0", "52:54:00:6b:3c:58", "53:54:00:6b:3c:58",
    "52-54-00-6b-3c-58",
    "52:54:00:6b:3c", "8086:10c9", "0x8086:0x10c9", "8086:10c", "vfio-pci", "pci-stub", "VFIO-PCI", "802.1Q",
    "802.1ad",
    "/", "/a", "/run/qemu/a.sock", "run/a.sock", "/é", "/🙂", "/a\n", "qemu:///system", "qemu:", "QEMU:///x",
    "q:x y",
    "pci0000:00/0000:00:07.0", "/sys/devices/pci0000:00/0000:00:07.0", "90-e2-ba-ff-ff-00-d1-c2", "020000",
    "0c0330", "6ad9ee0a-8a3c-4a0c-9d64-0123456789ab", "6AD9EE0A-8a3c-4a0c-9d64-0123456789AB",
    "6ad9ee0a8a3c4a0c9d640123456789ab",
    String(repeating: "a", count: 15), String(repeating: "a", count: 16), String(repeating: "a", count: 32),
    String(repeating: "a", count: 33), String(repeating: "9", count: 33), String(repeating: "é", count: 253),
    String(repeating: "a", count: 254), String(repeating: "a", count: 256),
    "/" + String(repeating: "a", count: 106),
    "/" + String(repeating: "a", count: 107), String(repeating: "🙂", count: 1001),
  ]

  /// Returns copies of a document in which each scalar in turn is replaced by each nasty one,
  /// plain, and also quoted where the quotes may change the meaning.
  static func everyScalarReplaced(in tree: Tree) -> [Tree] { everyScalarReplaced(in: tree, by: nasty) }

  static func everyScalarReplaced(in tree: Tree, by nasty: [String]) -> [Tree] {
    tree.paths.flatMap { path -> [Tree] in
      guard case .scalar = tree[path] else { return [] }
      return nasty.flatMap { text in
        let quotesMatter = Scalar(text, isPlain: true).kind != .string || text.utf8.contains { $0 < 0x2E }
        return (quotesMatter ? [true, false] : [true]).map { isPlain in
          var changed = tree
          changed[path] = .scalar(text, isPlain: isPlain)
          return changed
        }
      }
    }
  }

  /// Returns copies of a document in which each key in turn is left out, doubled or misspelled, and
  /// each value is emptied, wrapped or given another type.
  static func everyPlaceDamaged(in tree: Tree) -> [Tree] {
    tree.paths.flatMap { path -> [Tree] in
      let old = tree[path]
      var news: [Tree] = [
        .list([]), .mapping([]), .scalar("", isPlain: true), .list([old]), .list([old, old]),
        .mapping([("name", old)]), .scalar("x", isPlain: true),
      ]
      if case .mapping(let members) = old {
        for index in members.indices {
          var others = members
          others.remove(at: index)
          news.append(.mapping(others))
          news.append(.mapping(others + [(members[index].key + "x", members[index].value)]))
          news.append(.mapping(others + [(members[index].key.uppercased(), members[index].value)]))
          news.append(.mapping(members + [members[index]]))
        }
        news.append(.mapping(members + [("<<", .mapping([]))]))
      }
      return news.map { new in
        var changed = tree
        changed[path] = new
        return changed
      }
    }
  }

  /// Returns a copy of a document with one to three changes at random positions.
  mutating func mutated(_ tree: Tree) -> Tree {
    var result = tree
    for _ in 0..<generator.number(1...3) {
      let path = generator.one(of: result.paths)
      result[path] = changed(result[path])
    }
    return result
  }

  private mutating func changed(_ tree: Tree) -> Tree {
    switch generator.number(0...9) {
    case 0: return generator.one(of: values)
    case 1: return .scalar(generator.one(of: Self.nasty), isPlain: generator.chance(50))
    case 2: return .list(Array(repeating: tree, count: generator.number(0...3)))
    case 3: return .mapping([(generator.one(of: keys), tree)])
    default: break
    }
    switch tree {
    case .scalar(let text, let isPlain): return changed(text, isPlain)
    case .list(let elements): return changed(elements)
    case .mapping(let members): return changed(members)
    }
  }

  private mutating func changed(_ text: String, _ isPlain: Bool) -> Tree {
    switch generator.number(0...3) {
    case 0: return .scalar(text, isPlain: !isPlain)
    case 1:
      return .scalar(
        text + generator.one(of: ["\n", " ", "x", "0", ":", "/0", "\u{2028}"]), isPlain: isPlain)
    case 2: return .scalar(String(text.dropFirst()), isPlain: isPlain)
    default: return .scalar(generator.chance(50) ? text.uppercased() : text + text, isPlain: isPlain)
    }
  }

  private mutating func changed(_ elements: [Tree]) -> Tree {
    var elements = elements
    if generator.chance(50) || elements.isEmpty {
      elements.append(generator.one(of: elements.isEmpty || generator.chance(30) ? values : elements))
    } else {
      elements.remove(at: generator.number(0...elements.count - 1))
    }
    return .list(elements)
  }

  private mutating func changed(_ members: [(key: String, value: Tree)]) -> Tree {
    var members = members
    let index = generator.number(0...max(0, members.count - 1))
    switch generator.number(0...3) {
    case 0 where !members.isEmpty: members.remove(at: index)
    case 1 where !members.isEmpty: members[index].key = generator.one(of: keys)
    case 2 where !members.isEmpty: members.swapAt(index, generator.number(0...members.count - 1))
    default: members.append((generator.one(of: keys), generator.one(of: values)))
    }
    return .mapping(members)
  }
}

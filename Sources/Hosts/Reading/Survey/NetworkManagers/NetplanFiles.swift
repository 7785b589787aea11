import Documents
import Files
import HostModel

/// Reads the Ethernet interfaces in the YAML files of netplan.
enum NetplanFiles {
  private static let folders = ["run/netplan", "etc/netplan", "usr/lib/netplan"]

  /// Nil if there is no file.
  static func read(_ tree: borrowing Tree) -> Observed<[NetplanEntry]?> {
    do throws(FileError) {
      let paths = try ConfigurationFiles.paths(in: folders, tree) { $0.hasSuffix(".yaml") }
      guard !paths.isEmpty else { return .known(nil) }
      var entries: [NetplanEntry] = []
      for path in paths {
        guard let content = try ConfigurationFiles.content(of: path, tree) else { continue }
        for document in try documents(content, tree.name(of: path)) {
          guard let ethernets = document["network"]?["ethernets"] else { continue }
          guard case .mapping(let members) = ethernets.content else {
            if case .scalar(let scalar) = ethernets.content, scalar.kind == .null { continue }
            throw FileError(tree.name(of: path), reason: "ethernets is not a mapping")
          }
          for member in members { try add(member, "/" + path, &entries) }
        }
      }
      return .known(entries)
    } catch { return .unavailable(error.description) }
  }

  private static func documents(_ content: [UInt8], _ name: String) throws(FileError) -> [Node] {
    var limits = Limits()
    limits.nodes = 100_000
    var diagnostics: [Diagnostic] = []
    let documents = YAMLReader.documents(
      of: Source(name: name, text: content), limits: limits, diagnostics: &diagnostics)
    if let first = diagnostics.first { throw FileError(name, reason: first.message) }
    return documents
  }

  /// Adds an entry. A later file changes the entry of the same name.
  private static func add(
    _ member: Node.Member, _ path: String, _ entries: inout [NetplanEntry]
  ) throws(FileError) {
    let origin = ConfigurationLine(path, Int(member.keyPosition.line) + 1)
    let index = entries.firstIndex { $0.name == member.key } ?? entries.count
    if index == entries.count { entries.append(NetplanEntry(name: member.key, origin: origin)) }
    entries[index].origin = origin
    guard let node = member.value["match"] else { return }
    var match = entries[index].match ?? NetplanMatch()
    if let name = text(of: node["name"]) { match.name = name }
    if let text = text(of: node["macaddress"]) {
      guard let mac = MACAddress(text) else {
        throw FileError("\(origin)", reason: "the value of macaddress is not a MAC address")
      }
      match.mac = mac
    }
    if let driver = node["driver"] {
      if case .sequence(let drivers) = driver.content {
        match.drivers = drivers.compactMap { text(of: $0) }
      } else {
        match.drivers = [text(of: driver)].compactMap { $0 }
      }
    }
    entries[index].match = match
  }

  private static func text(of node: Node?) -> String? {
    guard case .scalar(let scalar)? = node?.content, !scalar.text.isEmpty else { return nil }
    return scalar.text
  }
}

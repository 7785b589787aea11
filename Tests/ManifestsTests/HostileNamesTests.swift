import Documents
import Foundation
import HostModel
import TestSupport
import Testing

@testable import Manifests

@Suite("Hostile names in manifests")
struct HostileNamesTests {
  /// Returns manifests in which each value of each key is replaced by each hostile name, or by one
  /// in `each` of them, other names for each value.
  private static func replaced(each: Int = 1) throws -> [Judged] {
    let folder = differentialFolder.appending(path: "corpus/good")
    let trees = try ["host", "guest", "qemu-guest"].map { name in
      let text = try String(contentsOf: folder.appending(path: "complete-\(name).yaml"), encoding: .utf8)
      var diagnostics: [Diagnostic] = []
      let nodes = YAMLReader.documents(of: Source(name: name, text: text), diagnostics: &diagnostics)
      return Tree(try #require(nodes.first))
    }
    return trees.flatMap { tree in
      tree.paths.enumerated().flatMap { number, path -> [Tree] in
        let nasty = HostileNames.all.enumerated().filter { $0.offset % each == number % each }.map(\.element)
        switch tree[path] {
        case .list: return []
        case .scalar:
          return nasty.map { text in
            var changed = tree
            changed[path] = .scalar(text, isPlain: false)
            return changed
          }
        case .mapping(let members):
          return nasty.map { text in
            var changed = tree
            changed[path] = .mapping(members + [(text, .scalar(text, isPlain: false))])
            return changed
          }
        }
      }
    }.enumerated().map { Judged(manifest: $1.flow, name: "\($0).yaml") }
  }

  @Test("are accepted by the decoder exactly where the JSON Schema accepts them")
  func schema() throws {
    let documents = try Self.replaced(each: 5)
    #expect(documents.count > 1500)
    try expectSameVerdict(documents)
  }

  @Test("are accepted only where they cannot become a path, another file or an option")
  func meaning() throws {
    for document in try Self.replaced() where document.isValid {
      let source = Source(name: document.name, text: document.text)
      var diagnostics: [Diagnostic] = []
      for node in YAMLReader.documents(of: source, diagnostics: &diagnostics) {
        var decoding = Decoding(source: source)
        switch Manifest.decode(node, &decoding) {
        case .host(let host): check(host)
        case .hostClass(let each): check(HostManifest(metadata: each.metadata, spec: each.spec))
        case .guest(let guest): check(guest)
        case nil: Issue.record("refused: \(document.text)")
        }
      }
    }
  }

  private func check(_ host: HostManifest) {
    check(name: host.name)
    for (key, value) in host.metadata.labels {
      check(name: key.replacing("/", with: "."))
      #expect(!value.hasControlCharacters)
    }
    for nic in host.spec.nics {
      check(name: nic.name.value)
      let select = nic.select.value
      for text in [select.interface, select.path, select.serial].compactMap({ $0 }) {
        #expect(text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains(".."))
      }
      if let driver = nic.expect?.value.driver { check(fileName: driver) }
    }
  }

  private func check(_ guest: GuestManifest) {
    check(name: guest.name)
    check(name: guest.hosts.description)
    if let domain = guest.spec.libvirt?.domain {
      #expect(!domain.hasControlCharacters && !domain.contains("/"))
    }
    if let uri = guest.spec.libvirt?.uri { #expect(uri.utf8.allSatisfy { (0x21...0x7E).contains($0) }) }
    if let qemu = guest.spec.qemu {
      #expect(qemu.qmp.hasPrefix("/") && qemu.qmp.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(qemu.user.map { !$0.hasPrefix("-") } ?? true)
    }
    for claim in guest.spec.nics { check(name: claim.name.value) }
  }

  /// The name becomes the name of a file or a host, an alias for libvirt or an id for QEMU.
  private func check(name: String) {
    let isPlain = name.utf8.allSatisfy {
      UInt8(ascii: "0")...UInt8(ascii: "z") ~= $0 || "._-".utf8.contains($0)
    }
    #expect(
      isPlain && !name.hasPrefix("-") && !name.hasPrefix(".") && !name.isEmpty, "\(name.debugDescription)")
  }

  private func check(fileName: String) {
    #expect(!fileName.hasControlCharacters && !fileName.contains("/") && ![".", "..", ""].contains(fileName))
  }
}

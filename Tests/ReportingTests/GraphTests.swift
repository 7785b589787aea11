import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("Graphs of a host")
struct GraphTests {
  /// Returns a host with PFs, some of them behind bridges, and their VFs. Most functions are
  /// assigned to two of the guests each.
  static func host(
    ports: Int, virtualFunctions: Int, guests names: [String] = ["a", "b", "c"]
  ) throws -> HostState {
    var functions: [PCIFunction] = []
    for port in 0..<ports {
      let bus = UInt32(16 + port * 8)
      let address = try #require(PCIAddress(domain: 0, bus: bus, device: 0, function: 0))
      let bridges = port % 3 == 0 ? "" : "/0000:\(port % 3 == 1 ? "02" : "03"):00.0"
      var function = PCIFunction(
        address: address, id: PCIID(vendor: 0x8086, device: 0x10c9), deviceClass: PCIClass(0x020000),
        driver: "igb", path: "pci0000:00/0000:00:01.0\(bridges)/\(address)",
        sriov: SRIOV(total: 256, count: virtualFunctions, offset: 128, stride: 1))
      functions.append(function)
      function.name = names[0]
      functions += function.virtualFunctions(virtualFunctions)
    }
    let devices = functions.map { Hostdev(address: $0.address, alias: nil, isManaged: true) }
    return HostState(
      host: names[0],
      kernel: Kernel(
        release: nil, commandLine: .known(""), processor: .other, drivers: .known([]), modules: .known([]),
        bootLoaderFiles: []), functions: functions,
      libvirt: .known(
        names.enumerated().map { number, name in
          let some = devices.enumerated().filter {
            $0.offset % 5 != 0 && ($0.offset + number) % names.count < 2
          }
          return GuestState(name: name, run: .running, persistent: some.map(\.element), live: [])
        }), qemu: .known([]))
  }

  static let names =
    HostileNames.combined + [
      #""]; click x "javascript:alert(1)"#, #"\"]; x -> y [URL="javascript:x"#, "a style x:#35; classDef y:#",
      "</text><script>alert(1)</script>", #"" onload="alert(1)"#, "end", "%%{init: {}}%%",
      "漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    ]

  static func text(_ name: String, _ draw: (Topology) -> String?) throws -> String {
    let state = try host(ports: 3, virtualFunctions: 2, guests: [name, name + "2", "c"])
    let text = try #require(draw(Topology(state)))
    #expect(HostileNames.invisibleCharacters(in: text) == [])
    return text
  }

  @Test("an SVG is well-formed and has no active content", arguments: names)
  func svg(name: String) throws {
    let text = try Self.text(name, GraphSVG.text)
    let root = try XMLReader.document(of: Source(name: "t.svg", text: text))
    func check(_ element: XMLElement) {
      #expect(
        ["svg", "title", "desc", "style", "rect", "text", "path", "g", "circle"].contains(element.name))
      for attribute in element.attributes {
        let known = [
          "xmlns", "width", "height", "viewBox", "role", "aria-labelledby", "id", "class", "x", "y", "rx",
          "d", "cx", "cy", "r", "transform",
        ]
        #expect(known.contains(attribute.name))
        #expect(!attribute.value.contains(name) || name.count < 3, "names are not in attributes")
      }
      element.elements.forEach(check)
    }
    check(root)
    let style = try #require(root.first("style")).text
    for way in ["url", "@import", "expression", "\\"] { #expect(!style.contains(way)) }
  }

  @Test("each line of a Mermaid graph is a node, a link or a style", arguments: names)
  func mermaid(name: String) throws {
    let text = try Self.text(name) { GraphMermaid.text($0) }
    let label = #""(?:[A-Za-z0-9 .,:()/-]|#[0-9]+;|<br/>|[^\x00-\x7f])*""#
    let node = try Regex(#"  (?:f_[0-9a-f_]+\[\#(label)\]|g[0-9]+\(\[\#(label)\]\)|n[0-9]+>\#(label)\]);"#)
    let link = try Regex(#"  f_[0-9a-f_]+ (?:---|-->\|\#(label)\|) [fg][0-9a-f_]+;"#)
    let style = try Regex(#"  (?:classDef|class|linkStyle) [a-z0-9_,]+ [a-z0-9:#, -]+;"#)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.first == "flowchart LR;" && lines.last == "")
    for line in lines.dropFirst().dropLast() {
      #expect(
        try node.matchingSemantics(.unicodeScalar).wholeMatch(in: line) != nil
          || link.matchingSemantics(.unicodeScalar).wholeMatch(in: line) != nil
          || style.wholeMatch(in: line) != nil, "\(line)")
    }
  }

  @Test("each line of a DOT graph is a node, an edge or a setting", arguments: names)
  func dot(name: String) throws {
    let text = try Self.text(name, GraphDOT.text)
    let string = #""(?:[^"\\]|\\[\\"nl])*""#
    let known = try Regex(
      #"digraph \#(string) \{|  (?:graph|node|edge) \[[^\]]*\];|  label[a-z]*=(?:\#(string)|[a-z]);|"#
        + #" {2,4}[fg][0-9a-f_]+(?: -> [fg][0-9a-f_]+)? \[(?:(?:, )?[a-z]+=(?:\#(string)|[a-z0-9]+))+\];|"#
        + #"  subgraph cluster_f_[0-9a-f_]+ \{|    label=""; style=rounded; color="[#][0-9a-f]{6}";|  \}|"#
        + #"  \{ rank=(?:same|max); [fg][0-9a-f_]*(?:(?: ->|;) [fg][0-9a-f_]*)*(?: \[style=invis\])?; \}|\}"#)
    for line in text.split(separator: "\n") {
      #expect(try known.matchingSemantics(.unicodeScalar).wholeMatch(in: String(line)) != nil, "\(line)")
    }
  }

  @Test(
    "a Mermaid graph omits functions to stay within the limits of Mermaid",
    arguments: [(1, 3), (8, 63), (4, 200)])
  func limits(ports: Int, virtualFunctions: Int) throws {
    let topology = Topology(try Self.host(ports: ports, virtualFunctions: virtualFunctions))
    for size in [Int.max, 20_000, 3_000] {
      let text = try #require(GraphMermaid.text(topology, upTo: size))
      #expect(text.utf16.count <= min(size, 50_000))
      let links = text.split(separator: "\n").filter { $0.contains(" --- ") || $0.contains(" -->|") }
      #expect(links.count <= 500)
      let isWhole = topology.functions.allSatisfy { text.contains("\($0.address)") }
      #expect(isWhole == (ports == 1))
    }
    #expect(GraphMermaid.text(topology, upTo: 40) == nil)
  }
}

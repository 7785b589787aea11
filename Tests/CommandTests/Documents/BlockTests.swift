import Documents
import Foundation
import Testing

/// Runs each code block of the documents, or checks it as far as possible. PCIPASS_RECORD=1 writes
/// the outputs of transcripts again.
@Suite("The code blocks of the documents")
struct BlockTests {
  private static let isRecording = ProcessInfo.processInfo.environment["PCIPASS_RECORD"] != nil

  @Test("run as the document shows, or pass their check", arguments: Document.paths)
  func blocks(path: String) throws {
    var document = try Document(path)
    var sittings: [String: Sitting] = [:]
    // Recorded blocks are replaced at the end, from the last to the first, because their number of
    // lines may change.
    var recorded: [(Range<Int>, [String])] = []
    for block in document.blocks {
      do {
        if let lines = try check(block, &sittings) { recorded.append((block.range, lines)) }
      } catch {
        Issue.record("\(path):\(block.line): \(error)")
      }
    }
    guard !recorded.isEmpty else { return }
    for (range, lines) in recorded.reversed() { document.lines.replaceSubrange(range, with: lines) }
    try document.write()
  }

  @Test("are not indented, and each has a closing fence", arguments: Document.paths)
  func fences(path: String) throws {
    let document = try Document(path)
    let seen = document.blocks.map { $0.range.lowerBound - 1...$0.range.upperBound }
    let hidden = document.lines.indices.filter { number in
      document.lines[number].contains(/^\s*(```|~~~)/) && !seen.contains { $0 ~= number }
    }
    #expect(hidden.map { $0 + 1 } == [])
  }

  /// Returns the lines that the document should have in place of the block, or nil if it is right.
  private func check(_ block: Block, _ sittings: inout [String: Sitting]) throws -> [String]? {
    try BlockCheck.checkMarking(block)
    func sitting(_ name: String) throws -> Sitting {
      if let begun = sittings[name] { return begun }
      let new = try Sitting(name)
      sittings[name] = new
      return new
    }
    if let name = block.marking["run"] {
      switch block.language {
      case "console": return try replay(try Exchange.all(of: block), block, try sitting(name))
      case "sh":
        let result = try sitting(name).run("set -euo pipefail\n" + block.text)
        if result.status != 0 { throw Failure("ends with \(result.status):\n\(result.output)") }
        return nil
      default: throw Failure("only console and sh are run, not \"\(block.language)\"")
      }
    }
    if let command = block.marking["printed by"] {
      guard let host = block.marking["on"] else { throw Failure("printed by: COMMAND, on: HOST") }
      try BlockCheck.check(block)
      let exchange = Exchange(shown: ["$ " + command], output: block.lines)
      return try replay([exchange], block, try sitting(host)).map { Array($0.dropFirst()) }
    }
    if let name = block.marking["file"] {
      guard let host = block.marking["on"] else { throw Failure("file: NAME, on: HOST") }
      let url = try sitting(host).folder.url.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(block.text.utf8).write(to: url)
      if block.isManifest {
        // The whole folder is validated, because a Guest needs its Host.
        let top = name.prefix { $0 != "/" }
        let result = try sitting(host).run("pcipass validate '\(top)'")
        if result.status != 0 { throw Failure(result.output) }
        return nil
      }
    }
    try BlockCheck.check(block)
    return nil
  }

  private func replay(_ exchanges: [Exchange], _ block: Block, _ sitting: Sitting) throws -> [String]? {
    var lines: [String] = []
    var isAsShown = true
    for (number, exchange) in exchanges.enumerated() {
      let result = try sitting.run(exchange.command)
      let expected = number == exchanges.count - 1 ? block.marking["exit"].flatMap { Int32($0) } ?? 0 : 0
      if result.status != expected {
        throw Failure("\(exchange.command) ends with \(result.status):\n\(result.output)")
      }
      var printed = result.output.components(separatedBy: "\n")
      if printed.last == "" { printed.removeLast() }
      // Empty lines between two commands are not part of the output.
      var shown = exchange
      var blank: [String] = []
      if number < exchanges.count - 1 {
        while shown.output.last == "", printed.last != "" { blank.append(shown.output.removeLast()) }
      }
      if shown.shows(printed) {
        lines += shown.shown + shown.output + blank
      } else {
        isAsShown = false
        lines += shown.shown + printed + blank
        if !Self.isRecording {
          throw Failure("\(exchange.command) prints\n\(result.output)`make goldens` writes it again")
        }
      }
    }
    return isAsShown ? nil : lines
  }
}

/// The checks of blocks that are not run.
enum BlockCheck {
  private static let markings: Set<String> = [
    "run", "exit", "printed by", "file", "on", "parse only", "fragment", "in",
  ]

  static func checkMarking(_ block: Block) throws {
    if let other = block.marking.keys.first(where: { !markings.contains($0) }) {
      throw Failure("unknown marking \"\(other)\"")
    }
    if let status = block.marking["exit"], Int32(status) == nil {
      throw Failure("not an exit status: \(status)")
    }
  }

  static func check(_ block: Block) throws {
    try checkCommands(block)
    switch block.language {
    case "sh", "console":
      guard block.marking["parse only"]?.isEmpty == false || block.marking["file"] != nil else {
        throw Failure("the marking does not state how this runs: run: HOST, or parse only: WHY")
      }
      try checkShell(block)
    case "yaml": try checkYAML(block)
    case "json":
      _ = try JSONReader.document(of: Source(name: "block", text: block.text))
    case "xml":
      _ = try XMLReader.document(of: Source(name: "block", text: block.text))
    case "ini":
      for line in block.lines where line.wholeMatch(of: /|[#;].*|\[\w+\]|[\w-]+ *=.*/) == nil {
        throw Failure("not a section, key or comment: \(line)")
      }
      if let name = block.marking["file"], name.hasSuffix(".service") { try checkUnit(block, name) }
    case "mermaid":
      guard
        block.lines.first?.prefixMatch(of: /(flowchart|graph) (LR|TB|TD)|sequenceDiagram|stateDiagram-v2/)
          != nil
      else { throw Failure("not a kind of diagram") }
    case "text":
      guard let file = block.marking["in"] else {
        throw Failure("the marking does not name the file: in: FILE")
      }
      let text = try String(contentsOf: Document.url(file), encoding: .utf8)
      for line in block.lines where !text.contains(line) { throw Failure("not in \(file): \(line)") }
    default: throw Failure("no check for a block of the language \"\(block.language)\"")
    }
  }

  /// Checks that each command line of pcipass in a block is valid, whatever the kind of block.
  private static func checkCommands(_ block: Block) throws {
    guard ["sh", "console", "yaml", "ini"].contains(block.language) else { return }
    let text =
      block.language == "console"
      ? try Exchange.all(of: block).map(\.command).joined(separator: "\n") : block.text
    for words in commandLines(in: text, ofYAML: block.language == "yaml") {
      let result = try Sitting().run(
        "pcipass " + words.map { "'\($0)'" }.joined(separator: " ") + " < /dev/null")
      if result.status == 64 { throw Failure("pcipass \(words.joined(separator: " "))\n\(result.output)") }
    }
  }

  private static func checkShell(_ block: Block) throws {
    let script =
      block.language == "console"
      ? try Exchange.all(of: block).map(\.command).joined(separator: "\n") : block.text
    let folder = try TemporaryFolder()
    let result = try Pcipass.run(
      ["-n", try folder.write(script, to: "script")], executable: URL(filePath: "/bin/bash"))
    if result.status != 0 { throw Failure(result.error) }
  }

  /// Checks a unit with systemd-analyze, if it is installed. The programs of the unit are replaced,
  /// because they are not installed here.
  private static func checkUnit(_ block: Block, _ name: String) throws {
    let systemd = URL(filePath: "/usr/bin/systemd-analyze")
    guard FileManager.default.isExecutableFile(atPath: systemd.path) else { return }
    let folder = try TemporaryFolder()
    let unit = block.text.replacing(/(Exec\w+)=\S+/) { "\($0.output.1)=/bin/true" }
    let file = (name as NSString).lastPathComponent
    let result = try Pcipass.run(
      ["verify", "--man=no", try folder.write(unit, to: file)], executable: systemd)
    if result.error.contains(file) { throw Failure(result.error) }
  }

  private static func checkYAML(_ block: Block) throws {
    var text = block.text
    if let kinds = block.marking["fragment"] {
      text = try whole(block, kinds)
    } else if !block.isManifest {
      var diagnostics: [Diagnostic] = []
      _ = YAMLReader.documents(of: Source(name: "block", text: text), diagnostics: &diagnostics)
      if let first = diagnostics.first { throw Failure(first.message) }
      return
    }
    let result = try Pcipass.run(["validate", "-"], input: text)
    if result.status != 0 { throw Failure(result.error) }
  }

  /// Returns manifests with the NICs of a Host or a Guest, with defaults for the kind that the
  /// block does not show.
  private static func whole(_ block: Block, _ kinds: String) throws -> String {
    var host = """
          - {name: lan, select: {address: "0000:03:00.0"}}
          - {name: dmz, select: {address: "0000:02:00.1"}}
          - {name: pool, select: {address: "0000:02:00.0"}, virtualFunctions: {count: 8}}
      """
    var guest = ""
    let parts = block.lines.split(separator: "---").map { $0.map { "    " + $0 }.joined(separator: "\n") }
    let names = kinds.split(separator: " and ")
    guard parts.count == names.count else { throw Failure("\(parts.count) fragments, and not \(kinds)") }
    for (name, part) in zip(names, parts) {
      switch name {
      case "host NICs": host = part
      case "guest NICs": guest = part
      default: throw Failure("fragments are host NICs and guest NICs, not \(name)")
      }
    }
    func document(_ kind: String, _ spec: String, _ nics: String) -> String {
      "apiVersion: pcipass/v1\nkind: \(kind)\nmetadata: {name: some}\nspec:\n\(spec)  nics:\(nics.isEmpty ? " []" : "\n" + nics)\n"
    }
    return document("Host", "", host) + "---\n" + document("Guest", "  host: some\n", guest)
  }
}

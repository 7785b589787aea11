import Foundation
import TestSupport
import Testing

@Suite("pcipass explain")
struct ExplainCommandTests {
  private let folder: TemporaryFolder
  private let host: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
  }

  private func run(_ words: String...) throws -> Pcipass.Result {
    try Pcipass.run(words + ["--simulate", host])
  }

  private func withoutTimes(_ text: String) -> String {
    text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/, with: "MOMENT UTC")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z/, with: "2026-11-26T19:09:39.000Z")
      .replacing(/process [0-9]+/, with: "process N").replacing(/"process": [0-9]+/, with: "\"process\": 1")
  }

  @Test("shows the manifest line, the apply, the current state and the next steps")
  func goldens() throws {
    var texts: [String] = []
    func explain(_ words: String...) throws {
      let seen = try Pcipass.run(["explain"] + words + ["--simulate", host])
      #expect(seen.status == 0 && seen.error == "", "\(seen.error)")
      texts.append("$ pcipass explain " + words.joined(separator: " ") + "\n" + withoutTimes(seen.output))
    }
    try explain("lan", "manifests")
    try explain("0000:03:00.0")
    #expect(try run("apply", "manifests", "--yes").status == 0)
    try explain("winxp")
    try explain("02:00.0", "manifests")
    #expect(try run("rollback", "--target", "nic/dmz", "--yes").status == 0)
    try explain("web")
    try explain("eth2", "manifests")
    #expect(try run("rollback", "1", "--yes").status == 0)
    try explain("nic/lan")
    try expectGolden(texts.joined(separator: "\n"), "explain.txt")
    let json = try run("explain", "dmz", "manifests", "--format", "json")
    try expectGolden(withoutTimes(json.output), "explain.json")
  }

  @Test("shows VFs that do not exist yet, from a snapshot without journals")
  func snapshot() throws {
    let seen = try Pcipass.run("explain", "db", "manifests", "--state", "manifests/captures/hv02.json")
    #expect(seen.status == 0)
    try expectGolden(seen.output, "explain-hv02.txt")
  }

  @Test("shows the guard that refuses a NIC, and that other NICs wait for this NIC")
  func refused() throws {
    let capture = try folder.text("hv01.json")
    let used = capture.replacing(/(?s)("address": "0000:02:00.0".*?"uses": )\[\]/, maxReplacements: 1) {
      "\($0.output.1)[{\"kind\": \"bridge\", \"detail\": \"br7\"}]"
    }
    try folder.write(
      used == capture
        ? capture.replacing(/(?s)("address": "0000:02:00.0".*?"name": "eth[0-9]",)/, maxReplacements: 1) {
          "\($0.output.1) \"uses\": [{\"kind\": \"bridge\", \"detail\": \"br7\"}],"
        } : used, to: "hv01.json")
    let dmz = try run("explain", "dmz", "manifests").output
    #expect(dmz.contains("[host-network]"))
    #expect(dmz.names("0000:02:00.0", "br7"))
    var words = dmz
    words += try run("explain", "lan", "manifests").output
    try expectGolden(words, "explain-refused.txt")
  }

  @Test("reports an unknown or an ambiguous name, with the possible names")
  func names() throws {
    let unknown = try run("explain", "lam", "manifests")
    #expect(unknown.status == 1)
    #expect(unknown.error.contains("[not-found]") && unknown.error.names("hv01", "lam", "lan"))
    #expect(try run("explain", "0000:ff:00.0").error.contains("[not-found]"))
    try folder.write(
      try folder.text("hv01.json").replacing("\"eth0\"", with: "\"winxp\""), to: "hv01.json")
    let ambiguous = try run("explain", "winxp", "manifests")
    #expect(ambiguous.status == 1)
    #expect(ambiguous.error.names("guest/winxp", "interface/winxp"))
    #expect(try run("explain", "guest/winxp", "manifests").status == 0)
    #expect(try run("explain", "interface/winxp", "manifests").output.hasPrefix("0000:02:00.0 nic/dmz\n"))
  }

  @Test("shows the other journals if one is damaged")
  func damaged() throws {
    #expect(try run("apply", "manifests", "--yes", "--target", "nic/lan").status == 0)
    #expect(try run("apply", "manifests", "--yes").status == 0)
    let path = host + ".state/journal/2"
    try Data("nonsense\nnonsense\n".utf8).write(to: URL(filePath: path))
    chmod(path, 0o600)
    let seen = try run("explain", "lan", "manifests")
    #expect(seen.status == 0)
    #expect(seen.output.contains("apply 1 of"))
  }

  @Test("prints hostile arguments without invisible characters", arguments: HostileNames.combined)
  func hostile(word: String) throws {
    let word = word.replacing("\u{0}", with: "")
    for words in [
      ["explain", word], ["explain", "lan", word], ["status", word],
      ["status", "manifests", "--metrics", "nowhere/" + word],
    ] {
      let result = try Pcipass.run(words + ["--state", "manifests/captures/hv01.json"])
      #expect(result.status != 0)
      for text in [result.output, result.error] {
        #expect(
          HostileNames.invisibleCharacters(in: text) == [] && !text.contains("\t"), "\(text.debugDescription)"
        )
      }
    }
  }
}

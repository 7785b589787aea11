import Foundation
import TestSupport
import Testing

@Suite("Hostile names in the input of commands")
struct HostileNamesTests {
  private let folder: TemporaryFolder
  /// The hostile words without NUL, which an argument cannot contain.
  private static let words =
    HostileNames.combined.map { $0.replacing("\u{0}", with: "") } + ["-", "--", "", "/"]

  init() throws { folder = try TemporaryFolder() }

  @Test("as arguments are printed without invisible characters", arguments: words)
  func arguments(word: String) throws {
    let runs = [
      ["--\(word)x", "y"], ["plan", "--format", word, "y"], ["plan", "--host", word, "y"],
      ["plan", "--target", word, "y"],
      ["validate", "y/\(word)"],
      ["render", word, "manifests", "--qemu", "--state", "manifests/captures/hv01.json"],
    ]
    for arguments in runs {
      let result = try Pcipass.run(arguments, environment: environment(word))
      #expect(result.status == 1 || result.status == 64, "\(arguments)")
      check(result)
    }
  }

  @Test(
    "as paths, URIs and environment variables are printed without invisible characters",
    arguments: words)
  func paths(word: String) throws {
    // The path must not exist.
    let path = "nowhere/" + word
    let runs = [
      ["plan", "manifests", "--state", path], ["apply", path, "--simulate", path], ["rollback", path],
      ["plan", "manifests", "--sysfs-root", path],
      ["plan", "manifests", "--connect", word, "--simulate", path],
      ["plan", "manifests", "--state", "manifests/captures/hv01.json", "--out", path],
    ]
    for arguments in runs {
      let result = try Pcipass.run(arguments, environment: environment(word))
      #expect(result.status != 0, "\(arguments)")
      check(result)
    }
  }

  @Test("of files are printed without invisible characters")
  func files() throws {
    let names = HostileNames.all.filter {
      (1...200).contains($0.utf8.count) && !$0.contains("/") && !$0.utf8.contains(0)
    }
    for (number, name) in names.enumerated() {
      let place = "\(number)/\(name)"
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: "\(number)"), withIntermediateDirectories: true)
      try Data("kind: \(number)\n".utf8).write(to: URL(filePath: folder.path(place) + ".yaml"))
    }
    let result = try Pcipass.run("validate", folder.url.path)
    #expect(result.status == 1)
    check(result)
    let json = try Pcipass.run("validate", "--format", "json", folder.url.path)
    #expect(
      json.status == 1 && HostileNames.invisibleCharacters(in: json.output).allSatisfy { $0.value > 0xFFFF })
  }

  @Test(
    "that are not valid UTF-8 are printed without invisible characters",
    arguments: HostileNames.invalidUTF8)
  func invalidUTF8(bytes: [UInt8]) throws {
    let octal = bytes.map {
      "\\" + String(repeating: "0", count: 3 - String($0, radix: 8).count) + String($0, radix: 8)
    }
    .joined()
    let program = "'\(Pcipass.binary.path)'"
    for command in ["validate \"$x\"", "plan --host \"$x\" y", "--\"$x\"", "apply \"$x\" --simulate \"$x\""] {
      let result = try Pcipass.run(
        ["-c", "x=$(printf '\(octal)'); \(program) \(command)"], executable: URL(filePath: "/bin/sh"))
      #expect(result.status == 1 || result.status == 64)
      check(result)
    }
  }

  @Test(
    "in a snapshot are printed without invisible characters",
    arguments: ["text", "markdown", "json"])
  func snapshots(format: String) throws {
    let name = "\u{1B}]52;c;eA==\u{7}\u{9B}31m\u{202E}|`<script>\n"
    let escaped = #"\u001b]52;c;eA==\u0007\u009b31m\u202e|`<script>\n"#
    let host = try folder.simulated("hv01") {
      $0.replacing("82576 Gigabit", with: escaped).replacing("\"winxp\"", with: "\"\(escaped)\"")
        .replacing(#""qemu": []"#, with: "\"qemu\": {\"unavailable\": \"\(escaped)\"}")
    }
    #expect(try folder.text("hv01.json").contains(escaped))
    let result = try Pcipass.run("plan", "manifests", "--state", host, "--format", format)
    #expect(!(result.output + result.error).contains(name))
    check(result)
  }

  private func environment(_ word: String) -> [String: String] {
    [
      "TERM": word, "NO_COLOR": word, "HOSTNAME": word, "LIBVIRT_DEFAULT_URI": word, "COLUMNS": word,
      "LANG": word,
    ]
  }

  private func check(_ result: Pcipass.Result) {
    for text in [result.output, result.error] {
      #expect(
        HostileNames.invisibleCharacters(in: text) == [] && !text.contains("\t"), "\(text.debugDescription)")
    }
  }
}

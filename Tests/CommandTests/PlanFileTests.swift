import Foundation
import Testing

/// Checks that only trusted users can have written a plan file, and that it is unchanged.
@Suite("A plan file")
struct PlanFileTests {
  private let folder: TemporaryFolder
  private let host: String
  private let plan: String

  init() throws {
    folder = try TemporaryFolder()
    host = try folder.simulated("hv01")
    plan = folder.path("hv01.plan")
    _ = try Pcipass.run("plan", "manifests", "--simulate", host, "--out", plan)
  }

  @Test("is accessible only to its owner, and can be applied and rolled back")
  func trusted() throws {
    #expect(try mode(plan) == 0o600)
    #expect(try Pcipass.run("apply", plan, "--simulate", host, "--yes").status == 0)
    #expect(try Pcipass.run("rollback", plan, "--simulate", host, "--yes").status == 0)
  }

  @Test("is identical to the output of --format json")
  func printed() throws {
    let printed = try Pcipass.run("plan", "manifests", "--simulate", host, "--format", "json").output
    #expect(try printed == folder.text("hv01.plan"))
    chmod(try folder.write(printed, to: "printed"), 0o644)
    #expect(try Pcipass.run("apply", folder.path("printed"), "--simulate", host, "--yes").status == 0)
  }

  @Test("of an earlier version, with the former names of guards, is applied and rolled back")
  func earlier() throws {
    let saved = try String(
      contentsOf: Pcipass.root.appending(path: "Tests/CommandTests/Saved/plan-1.json"), encoding: .utf8)
    #expect(saved.contains("\"guard\": \"foreign-owner\"") && !saved.contains("\"sign\""))
    let plan = try folder.write(saved, to: "earlier.plan")
    chmod(plan, 0o600)
    #expect(try Pcipass.run("apply", plan, "--simulate", host, "--yes").status == 0)
    #expect(try Pcipass.run("rollback", plan, "--simulate", host, "--yes").status == 0)
    try folder.write(saved.replacing("foreign-owner", with: "ownership"), to: "earlier.plan")
    chmod(plan, 0o600)
    try expectRefused(plan, "altered-plan", plan)
  }

  @Test("has a digest that sha256sum can compute")
  func digest() throws {
    let result = try Pcipass.run(
      ["-c", "sed 4d '\(plan)' | sha256sum; sed -n 4p '\(plan)'"], executable: URL(filePath: "/bin/sh"))
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[1] == "  \"digest\": \"sha256:\(lines[0].prefix(64))\",")
  }

  @Test("is refused if other users can write to it", arguments: [0o666, 0o602, 0o620, 0o660, 0o777])
  func mode(mode: Int) throws {
    chmod(plan, mode_t(mode))
    try expectRefused(plan, "untrusted-plan", "0\(String(mode, radix: 8))", "chmod go-w \(plan)")
  }

  @Test("is accepted if other users can only read it", arguments: [0o644, 0o444, 0o755, 0o400])
  func readable(mode: Int) throws {
    chmod(plan, mode_t(mode))
    #expect(try Pcipass.run("apply", plan, "--simulate", host, "--yes").status == 0)
  }

  @Test(
    "is refused if its owner is neither root nor the user of pcipass",
    .enabled(if: getuid() == 0))
  func owner() throws {
    #expect(chown(plan, 65534, 0) == 0)
    try expectRefused(plan, "untrusted-plan", "65534", "chown root \(plan)")
  }

  @Test(
    "is refused in a folder in which other users can replace it", arguments: [0o777, 0o702, 0o773])
  func folder(mode: Int) throws {
    chmod(folder.url.path, mode_t(mode))
    try expectRefused(
      plan, "untrusted-plan", plan, "0\(String(mode, radix: 8))", "chmod go-w \(folder.url.path)")
    chmod(folder.url.path, 0o1777)
    #expect(try Pcipass.run("apply", plan, "--simulate", host, "--yes").status == 0)
  }

  @Test("is refused through a symbolic link")
  func link() throws {
    let link = folder.path("link.plan")
    symlink("hv01.plan", link)
    try expectRefused(link, "untrusted-plan", link)
  }

  @Test("is refused from a FIFO, a folder or standard input")
  func kinds() throws {
    let fifo = folder.path("fifo")
    mkfifo(fifo, 0o600)
    for command in ["apply", "rollback"] {
      let result = try Pcipass.run(
        [
          "-c",
          "cat '\(plan)' >'\(fifo)' & exec '\(Pcipass.binary.path)' \(command) '\(fifo)' --yes --simulate '\(host)'",
        ], executable: URL(filePath: "/bin/sh"))
      #expect(result.status == 1 && result.error.contains("[untrusted-plan]"))
      #expect(result.error.contains(fifo))
    }
    for path in [folder.url.path, "-"] {
      let result = try Pcipass.run(
        ["rollback", path, "--simulate", host, "--yes"], input: try folder.text("hv01.plan"))
      #expect(result.status == 1 && result.error.contains("[untrusted-plan]"))
      #expect(result.error.contains(path))
    }
    // A plan is not a valid manifest.
    let result = try Pcipass.run(
      ["apply", "-", "--simulate", host, "--yes"], input: try folder.text("hv01.plan"))
    #expect(result.status == 1 && result.error.contains("[bad-value]"))
  }

  @Test(
    "differs from a manifest, which may come from a pipe or a link",
    arguments: ["<(cat manifests/hosts/hv01.yaml)", "link.yaml"])
  func manifests(path: String) throws {
    symlink(Pcipass.root.appending(path: "manifests/hosts/hv01.yaml").path, folder.path("link.yaml"))
    let shown = path == "link.yaml" ? "'\(folder.path("link.yaml"))'" : path
    let result = try Pcipass.run(
      ["-c", "'\(Pcipass.binary.path)' apply \(shown) --yes --simulate '\(host)'"],
      executable: URL(filePath: "/bin/bash"))
    #expect(result.status == 0, "\(result.error)")
  }

  @Test(
    "is refused after any edit",
    arguments: [
      (#""0000:03:00.0""#, #""0000:01:00.0""#), (#""because": "#, #""because":  "#), ("winxp", "winxq"),
      (#""host": "hv01""#, #""host": "hv02""#), (#""kind": "Plan","#, #""kind": "Plan", "prune": true,"#),
      (#""facts": ["#, #""refusals": [], "facts": ["#), ("sha256:", "sha512:"),
      (#"  "digest""#, #"  "digest" "#),
      (#"  "digest""#, #"  "prune": false, "digest""#), ("bind/0000:03:00.0", "bind/0000:03:00.1"),
      ("pcipass/v1", "pcipass/v2"),
    ])
  func edited(old: String, new: String) throws {
    let text = try folder.text("hv01.plan")
    try #require(text.contains(old))
    try folder.write(text.replacingOccurrences(of: old, with: new), to: "hv01.plan")
    let code = new.hasPrefix("pcipass") ? "digest" : "[altered-plan]"
    try expectRefused(plan, code)
  }

  @Test("is refused with a wrong or missing digest")
  func otherDigest() throws {
    let text = try folder.text("hv01.plan")
    let other = text.replacing(/sha256:[0-9a-f]{4}/, with: "sha256:0000")
    try folder.write(other, to: "hv01.plan")
    try expectRefused(plan, "altered-plan")
    try folder.write(text.replacing(/\n  "digest": .*/, with: ""), to: "hv01.plan")
    try expectRefused(plan, "altered-plan")
    try folder.write(text.replacing(/sha256:[0-9a-f]+/, with: "x"), to: "hv01.plan")
    try expectRefused(plan, "altered-plan")
    let oneLine = text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined()
    try folder.write(oneLine, to: "hv01.plan")
    try expectRefused(plan, "altered-plan")
  }

  @Test("is refused if it is truncated, at any length")
  func truncated() throws {
    let text = Array(try folder.text("hv01.plan").utf8)
    for count in [1, 2, 20, 45, 60, 100, 500, text.count / 2, text.count - 3, text.count - 2, text.count - 1]
    {
      _ = try folder.write(Array(text[..<count]), to: "hv01.plan")
      for command in ["apply", "rollback"] {
        let result = try Pcipass.run(command, plan, "--simulate", host, "--yes")
        #expect(result.status == 1, "\(command) \(count)")
        if count > 50 { #expect(result.error.contains(/json-syntax|altered-plan/), "\(result.error)") }
      }
    }
    #expect(
      try Pcipass.run("plan", "manifests", "--simulate", host, "--format", "json").output
        == String(decoding: text, as: UTF8.self))
  }

  /// Expects apply and rollback to refuse the plan and to change nothing.
  private func expectRefused(
    _ path: String, _ words: String..., at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let before = try folder.text("hv01.json")
    for command in ["apply", "rollback"] {
      let result = try Pcipass.run(command, path, "--simulate", host, "--yes")
      #expect(result.status == 1 && result.output == "", sourceLocation: location)
      for words in words {
        #expect(result.error.contains(words), "\(result.error)", sourceLocation: location)
      }
    }
    #expect(try folder.text("hv01.json") == before, sourceLocation: location)
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}

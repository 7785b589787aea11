import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import pcipass

@Suite("Completion")
struct CompletionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let snapshot = "--state manifests/captures/hv01.json"

  @Test(
    "offers commands, options, values, files, NICs, guests and addresses",
    arguments: Shell.allCases,
    [
      ("pcipass pl", ["plan"]),
      ("pcipass plan --detailed", ["--detailed-exitcode"]),
      ("pcipass plan manifests --format ", ["text", "json", "markdown"]),
      ("pcipass validate manifests/gu", ["manifests/guests"]),
      ("pcipass plan manifests --state manifests/captures/hv01", ["manifests/captures/hv01.json"]),
      ("pcipass plan manifests --host hv01 --target ", ["nic/lan", "nic/dmz", "guest/web", "guest/winxp"]),
      ("pcipass plan manifests \(snapshot) --target nic/", ["nic/lan", "nic/dmz"]),
      ("pcipass devices \(snapshot) 0000:01", ["0000:01:00.0", "0000:01:00.1"]),
      ("pcipass devices \(snapshot) 0000:03:", ["0000:03:00.0"]),
      ("pcipass completion ", ["bash", "zsh", "fish"]),
    ])
  func words(shell: Shell, _ line: (words: String, offered: [String])) throws {
    #expect(try Set(shell.offers(line.words)) == Set(line.offered))
  }

  @Test("offers the value after an equals sign", arguments: [Shell.bash, .fish])
  func equals(shell: Shell) throws {
    let offered = try shell.offers("pcipass plan manifests --host hv01 --target=guest/w")
    #expect(Set(offered.map { $0.replacing("--target=", with: "") }) == ["guest/web", "guest/winxp"])
  }

  @Test(
    "offers the numbers of runs, and the NICs and guests of what was applied",
    arguments: Shell.allCases)
  func journals(shell: Shell) throws {
    let host = try folder.simulated("hv01")
    for words in [["apply", "manifests"], ["rollback"], ["apply", "manifests", "--confirm-within", "60s"]] {
      #expect(try Pcipass.run(words + ["--simulate", host, "--yes"]).status == 0)
    }
    #expect(try Set(shell.offers("pcipass show --simulate \(host) ")) == ["1", "2", "3"])
    #expect(try Set(shell.offers("pcipass rollback --simulate \(host) ")) == ["1", "2", "3"])
    #expect(try shell.offers("pcipass confirm --simulate \(host) ") == ["3"])
    #expect(
      try Set(shell.offers("pcipass rollback 1 --simulate \(host) --target ")) == [
        "nic/lan", "nic/dmz", "guest/web", "guest/winxp",
      ])
    #expect(try Set(shell.offers("pcipass render --simulate \(host) ")) == ["web", "winxp"])
    #expect(try Pcipass.run("confirm", "--simulate", host).status == 0)
    #expect(try shell.offers("pcipass confirm --simulate \(host) ") == [])
  }

  @Test("offers plan files besides the numbers of runs", arguments: Shell.allCases)
  func plans(shell: Shell) throws {
    #expect(try shell.offers("pcipass rollback --state-dir \(folder.path("none")) ") == [])
    let line = "pcipass rollback --state-dir \(folder.path("none")) today"
    #expect(try shell.offers(line, with: ["today.plan", "tomorrow.plan", "x y.plan"]) == ["today.plan"])
  }

  @Test("describes each run in fish and zsh, but not in bash")
  func descriptions() throws {
    let host = try folder.simulated("hv01")
    #expect(try Pcipass.run("apply", "manifests", "--simulate", host, "--yes").status == 0)
    func answer(_ shell: String) throws -> String {
      try ask(["show", "--simulate", host, ""], at: "positional@0", of: "show", ["SAP_SHELL": shell]).output
    }
    #expect(try answer("fish") == "1\tapply, done\n")
    #expect(try answer("zsh") == "1:apply, done\n \n")
    #expect(try answer("bash") == "1\n")
  }

  /// Runs the hidden command from which the completion scripts get the candidates.
  private func ask(
    _ words: [String], at place: String, of command: String, _ environment: [String: String] = [:]
  ) throws -> Pcipass.Result {
    try Pcipass.run(
      ["---completion", command, "--", place, "\(words.count)", "0", "pcipass"] + words,
      environment: environment)
  }

  @Test(
    "has patches that all fit the script of the argument parser",
    arguments: CompletionShell.allCases)
  func patches(shell: CompletionShell) {
    let patches = CompletionScript.patches(for: shell)
    #expect(!patches.isEmpty)
    for patch in patches {
      #expect(
        patch.fits(pcipass.Pcipass.completionScript(for: shell)), "\(shell.rawValue): \(patch.original)")
    }
  }

  @Test("leaves a script unchanged if one patch does not fit")
  func unpatched() {
    for shell in CompletionShell.allCases {
      let patches = CompletionScript.patches(for: shell)
      let script = patches.map(\.original).joined(separator: "\n")
      for text in ["", script + "\n" + script] {
        #expect(CompletionScript.patched(text, with: patches) == text)
      }
    }
  }

  @Test("completes an address in an interactive bash without quoting it")
  func interactive() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("pcipass"), withDestinationPath: Pcipass.binary.path)
    let script = try folder.write(try Pcipass.run("completion", "bash").output, to: "script")
    let lines = "source \(script)\npcipass devices \(Self.snapshot) 0000:03\t --format nonsense\nexit\n"
    let result = try Pcipass.run(
      ["-qec", "bash --norc --noprofile -i", "/dev/null"], input: lines,
      environment: ["PATH": folder.url.path + ":/usr/bin:/bin", "PS1": ""],
      executable: URL(filePath: "/usr/bin/script"))
    #expect(result.output.replacing(/\e\[[?0-9;]*[a-zA-Z]/, with: "").contains("0000:03:00.0  --format"))
  }

  @Test("offers nothing and reports no error for invalid input, and changes no file")
  func silence() throws {
    let broken = try folder.write("apiVersion: nonsense\nkind: [", to: "broken.yaml")
    let state = folder.path("none")
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    for words in [
      ["plan", broken, "--target", ""], ["plan", "nowhere", "--target", ""],
      ["plan", "--target", "", "--state", "-"],
      ["plan", "--target", "", "--simulate", broken], ["plan", "-", "--target", ""],
      ["plan", "--host", "no name", "--target", ""],
    ] {
      let result = try ask(words + ["--state-dir", state], at: "--target", of: "plan")
      #expect(result.error == "", "\(words)")
      #expect(result.output == "" || result.output == "\n", "\(words)")
    }
    for words in [
      ["---completion"], ["---completion", "nonsense"], ["---completion", "plan", "--", "--nonsense"],
    ] {
      #expect(try Pcipass.run(words).error == "")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == before)
  }

  @Test("does not search the root folder for manifests")
  func quickness() throws {
    let began = ContinuousClock.now
    let result = try ask(
      ["plan", "/", "--state-dir", folder.path("none"), "--target", ""], at: "--target", of: "plan")
    #expect(result.output == "" || result.output == "\n")
    #expect(.now - began < .seconds(3))
  }

  @Test("offers no word that bash would expand or split")
  func expansion() {
    for word in HostileNames.combined + ["$(reboot)", "`reboot`", "a b", "a\nb", "~", "*", "a;b", "-x", ""] {
      if let text = CompletionCandidate(word, "").text {
        #expect(text.allSatisfy { $0.isLetter || $0.isNumber || "._-+:@%,=/".contains($0) })
      }
    }
    #expect(CompletionCandidate("$(reboot)", "").text == nil)
    #expect(CompletionCandidate("nic/lan", "").text == "nic/lan")
  }

  @Test("is installed by make install in the standard folders, with the manual pages")
  func installation() throws {
    let result = try Pcipass.run(
      ["--dry-run", "--old-file=build", "install", "DESTDIR=/d", "PREFIX=/p"],
      executable: URL(filePath: "/usr/bin/make"))
    for place in [
      "sbin/pcipass", "share/bash-completion/completions/pcipass", "share/zsh/site-functions/_pcipass",
      "share/fish/vendor_completions.d/pcipass.fish", "share/man/man8",
    ] { #expect(result.output.contains(" /d/p/\(place)\n"), "\(place)") }
  }
}

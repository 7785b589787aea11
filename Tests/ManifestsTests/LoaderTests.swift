import Documents
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Manifests

@Suite("The loader")
struct LoaderTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func host(_ name: String) -> String {
    "{apiVersion: pcipass/v1, kind: Host, metadata: {name: \(name)}, spec: {nics: []}}\n"
  }

  private func load(_ names: String..., limits: Limits = Limits()) -> Loader {
    Loader.load(names.map { $0.isEmpty ? scratch.path : scratch.path + "/" + $0 }, limits: limits)
  }

  private func names(_ loader: Loader) -> [String] { loader.fleet.hosts.map(\.name) }

  /// Returns the code of each error, after the first of these files that its message names.
  private func named(_ loader: Loader, _ files: String...) -> [String] {
    loader.diagnostics.map { problem in
      let name = files.first { problem.message.names(scratch.path + "/" + $0) }
      return (name.map { $0 + " " } ?? "") + problem.code
    }
  }

  @Test("reads the .yaml, .yml and .json files of a folder, at any depth, in a fixed order")
  func folder() throws {
    for name in [
      "b.yaml", "a.yml", "sub/c.yaml", "sub/deep/d.yaml", "README.md", "e.yaml.bak", "yaml", "json",
    ] {
      try scratch.write(name, host("h-" + name.replacing("/", with: ".")))
    }
    try scratch.write("sub/f.json", HostManifest.named("h-sub.f.json"))
    let loader = load("")
    #expect(loader.diagnostics.map(\.line) == [])
    #expect(names(loader) == ["h-a.yml", "h-b.yaml", "h-sub.c.yaml", "h-sub.deep.d.yaml", "h-sub.f.json"])
    #expect(loader.documentCount == 5)
  }

  @Test("skips hidden files and folders")
  func hidden() throws {
    for name in ["a.yaml", ".b.yaml", ".git/c.yaml", "..data/d.yaml"] {
      try scratch.write(name, host("h" + name.suffix(6).prefix(1)))
    }
    #expect(names(load("")) == ["ha"])
  }

  @Test("reads a file that is given explicitly, whatever its name is")
  func namedFile() throws {
    try scratch.write(".hidden", host("one"))
    try scratch.write("manifest.txt", host("two") + "---\n" + host("three"))
    #expect(names(load(".hidden", "manifest.txt")) == ["one", "two", "three"])
  }

  @Test("follows links to files, but not links to folders, which may form a loop")
  func links() throws {
    try scratch.write("real/a.yaml", host("a"))
    try scratch.write("outside", host("b"))
    let files = FileManager.default
    try files.createDirectory(atPath: scratch.entry("top/x"), withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: scratch.entry("top/link.yaml"), withDestinationPath: "../outside")
    try files.createSymbolicLink(atPath: scratch.entry("top/folder"), withDestinationPath: "../real")
    try files.createSymbolicLink(atPath: scratch.entry("top/folder.yaml"), withDestinationPath: "../real")
    try files.createSymbolicLink(atPath: scratch.entry("top/x/loop"), withDestinationPath: "..")
    let loader = load("top")
    #expect(loader.diagnostics.map(\.line) == [])
    #expect(names(loader) == ["b"])
    #expect(names(load("top/folder")) == ["a"])
  }

  @Test("reads a folder called x.yaml as a folder")
  func folderWithFileName() throws {
    try scratch.write("top/x.yaml/a.yaml", host("a"))
    #expect(names(load("top")) == ["a"])
    #expect(names(load("top/x.yaml")) == ["a"])
  }

  @Test("reports an error where it finds no manifest")
  func nothing() throws {
    try scratch.write("empty.yaml", "")
    try scratch.write("comment.yaml", "# later\n---\n")
    try scratch.write("folder/notes.md", "x")
    for name in ["empty.yaml", "comment.yaml", "folder"] {
      let loader = load(name)
      #expect(named(loader, name) == ["\(name) no-manifest"])
    }
    #expect(load("", "empty.yaml").diagnostics.map(\.code) == ["no-manifest"])
    #expect(Loader.load([]).diagnostics.map(\.code) == ["no-manifest"])
  }

  @Test("reports a path that cannot be read, with the reason")
  func unreadable() throws {
    try scratch.write("file", host("a"))
    for (name, reason) in [("missing.yaml", Errno.noSuchFileOrDirectory), ("file/below.yaml", .notDirectory)]
    {
      let loader = load(name)
      #expect(named(loader, name) == ["\(name) unreadable"])
      #expect(loader.diagnostics.first?.message.names(reason.description) == true)
    }
    #expect(Loader.load([""]).diagnostics.map(\.code) == ["unreadable"])
  }

  @Test("reads the rest of a folder after an unreadable file")
  func rest() throws {
    try scratch.write("a.yaml", host("a"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.entry("b.yaml"), withDestinationPath: "nowhere")
    #expect(mkfifo(try scratch.entry("c.yaml"), 0o600) == 0)
    try scratch.write("d.yaml", "{")
    try scratch.write("e/f.yaml", host("f"))
    let loader = load("", "missing", "a.yaml")
    #expect(names(loader) == ["a", "f", "a"])
    #expect(
      named(loader, "b.yaml", "c.yaml", "missing") == [
        "b.yaml unreadable", "c.yaml unreadable", "yaml-syntax", "missing unreadable", "duplicate-name",
      ])
  }

  @Test("does not wait for a writer of a FIFO", .timeLimit(.minutes(1)))
  func fifo() throws {
    #expect(mkfifo(try scratch.entry("fifo"), 0o600) == 0)
    #expect(load("fifo").diagnostics.map(\.code) == ["no-manifest"])
  }

  @Test(
    "reads all that a slow writer writes to a pipe, such as <(…) of the shell",
    .timeLimit(.minutes(1)))
  func pipe() throws {
    var ends: [Int32] = [0, 0]
    try #require(Glibc.pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    let text = host("slow")
    let thread = Thread {
      for piece in [text.prefix(20), text.dropFirst(20)] {
        usleep(50_000)
        _ = piece.utf8.withContiguousStorageIfAvailable { write(writer, $0.baseAddress, $0.count) }
      }
      close(writer)
    }
    thread.start()
    let loader = Loader.load(["/dev/fd/\(reader)"])
    close(reader)
    #expect(loader.diagnostics.map(\.line) == [])
    #expect(names(loader) == ["slow"])
  }

  @Test("reads at most its limit from a file without an end")
  func endless() {
    var limits = Limits()
    limits.bytes = 1 << 20
    #expect(Loader.load(["/dev/zero"], limits: limits).diagnostics.map(\.code) == ["limit"])
  }

  @Test("refuses folders that are nested too deep")
  func tooDeep() throws {
    try scratch.write(String(repeating: "d/", count: 33) + "a.yaml", host("a"))
    #expect(load("").diagnostics.map(\.code) == ["limit"])
    #expect(names(load("d")) == ["a"])
  }

  @Test("reports all errors of all files at once, each with its file")
  func allErrors() throws {
    try scratch.write(
      "a.yaml", host("a").replacing("nics", with: "nisc") + "---\n" + host("b c") + "---\n[\n")
    try scratch.write("b.yaml", "{kind: Hots}\n---\n" + host("good"))
    let loader = load("")
    #expect(names(loader) == ["good"])
    let found = loader.diagnostics.map { ($0.location?.source.name.suffix(6) ?? "-") + " " + $0.short }
    #expect(
      found == [
        "a.yaml 1:65 missing-key", "a.yaml 1:66 unknown-key", "a.yaml 3:55 bad-value",
        "a.yaml 6:1 yaml-syntax",
        "b.yaml 1:8 bad-value",
      ])
  }
}

import Foundation
import Testing

@Suite("pcipass import --qmp without a usable QEMU monitor")
struct ImportMonitorTests {
  private let folder: TemporaryFolder
  private var socket: String { folder.path("q.sock") }
  private var fleet: String { folder.path("fleet") }

  init() throws { folder = try TemporaryFolder() }

  /// Runs `work` while Perl listens on the socket. With `isElsewhere`, Perl runs in a separate
  /// mount namespace, with another file system at the path of the folder.
  private func listening<Value>(
    isElsewhere: Bool = false, then more: String = "", _ work: () throws -> Value
  ) throws -> Value {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script =
      "use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un($ARGV[0])) or die; listen(S, 1) or die; "
      + "\(more) $| = 1; print qq(ready\n); <STDIN>;"
    process.arguments =
      isElsewhere
      ? [
        "unshare", "-m", "sh", "-c", "mount -t tmpfs none \"$1\" && exec perl -e \"$2\" \"$1/q.sock\"", "sh",
        folder.url.path, script,
      ] : ["perl", "-e", script, socket]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    defer {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))
    return try work()
  }

  private func expectRefused(_ words: String..., at location: Testing.SourceLocation = #_sourceLocation)
    throws
  {
    let result = try Pcipass.run("import", "--qmp", socket, "--out", fleet)
    #expect(result.status == 1 && result.output == "", sourceLocation: location)
    let message = result.error.split(separator: "\n").filter { $0.contains("[no-monitor]") }
    #expect(message.count == 1, "\(result.error)", sourceLocation: location)
    for words in words {
      #expect(message.first?.contains(words) ?? false, "\(result.error)", sourceLocation: location)
    }
    #expect(!FileManager.default.fileExists(atPath: fleet), sourceLocation: location)
  }

  @Test("reports a missing socket") func missing() throws { try expectRefused(socket) }

  @Test("reports a socket on which no process listens")
  func left() throws {
    try listening {}
    try expectRefused(socket)
  }

  @Test("reports the process whose socket file was removed")
  func removed() throws {
    try listening(then: "unlink($ARGV[0]);") { try expectRefused("(perl)") }
  }

  @Test("reports a file that is not a socket")
  func file() throws {
    try "".write(toFile: socket, atomically: true, encoding: .utf8)
    try expectRefused(socket)
  }

  @Test("reports a socket of another user", .enabled(if: geteuid() == 0))
  func stranger() throws {
    try listening(then: "chown(65534, 65534, $ARGV[0]);") { try expectRefused(socket, "nobody") }
  }

  @Test(
    "reports the process whose socket is in another mount namespace",
    .enabled(if: Self.hasNamespaces))
  func elsewhere() throws {
    try listening(isElsewhere: true) {
      try expectRefused(socket, "(perl)", "mount namespace")
    }
  }

  private static var hasNamespaces: Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

import Foundation
import TestSupport
import Testing

/// The command that was built together with these tests.
enum Pcipass {
  struct Result {
    let status: Int32
    let output: String
    let error: String
  }

  static let root = projectFolder

  static let binary: URL = {
    // .build/debug/pcipassPackageTests.xctest lies beside .build/debug/pcipass
    var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    if let bundle = Bundle.allBundles.first(where: { $0.bundlePath.hasSuffix(".xctest") }) {
      folder = bundle.bundleURL.deletingLastPathComponent()
    }
    let beside = folder.appending(path: "pcipass")
    return FileManager.default.isExecutableFile(atPath: beside.path)
      ? beside : root.appending(path: ".build/debug/pcipass")
  }()

  /// Runs the command in the project's folder, so that printed paths are the same on each machine.
  static func run(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws
    -> Result
  {
    try run(arguments, input: input, environment: environment)
  }

  /// Runs the command with a terminal as input, output and error, by script(1). The output includes
  /// the errors.
  static func runOnTerminal(
    _ words: String..., arguments: [String] = [], input: String, environment: [String: String] = [:]
  ) throws -> Result {
    let command = ([binary.path] + words + arguments).map { "'\($0)'" }.joined(separator: " ")
    return try run(
      ["-qec", command, "/dev/null"], input: input, environment: environment,
      executable: URL(filePath: "/usr/bin/script"))
  }

  static func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], executable: URL = binary
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = root
    // GIT_CEILING_DIRECTORIES keeps the project's commit out of the output.
    process.environment = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "xterm", "GIT_CEILING_DIRECTORIES": root.path,
    ].merging(environment) { $1 }
    // The output goes to files, because a pipe can fill.
    let output = try folder.handle("output")
    let error = try folder.handle("error")
    try folder.write(input, to: "input")
    process.standardInput = try FileHandle(forReadingFrom: folder.url.appending(path: "input"))
    process.standardOutput = output
    process.standardError = error
    try process.run()
    process.waitUntilExit()
    return try withExtendedLifetime(folder) {
      Result(
        status: process.terminationStatus, output: try folder.text("output"), error: try folder.text("error"))
    }
  }
}

/// A temporary folder, which `deinit` removes.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "pcipass-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: url.appending(path: name))
    return path(name)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: url.appending(path: name))
    return path(name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
  }

  /// Creates a simulated host from a capture, and returns its path.
  func simulated(_ host: String, _ change: (String) -> String = { $0 }) throws -> String {
    let capture = Pcipass.root.appending(path: "manifests/captures/\(host).json")
    return try write(
      change(String(decoding: try Data(contentsOf: capture), as: UTF8.self)), to: "\(host).json")
  }

  func handle(_ name: String) throws -> FileHandle {
    try write("", to: name)
    return try FileHandle(forWritingTo: url.appending(path: name))
  }
}

/// Compares with `Golden/NAME`, which PCIPASS_RECORD=1 writes from scratch.
func expectGolden(
  _ text: String, _ name: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
  let expected = try golden(name, recording: text)
  #expect(text == expected, "see Golden/\(name); `make goldens` writes it", sourceLocation: sourceLocation)
}

/// Returns the lines with the driver of each function of a simulated host, and the devices of each
/// guest.
func bindings(_ host: String) throws -> [String] {
  let keys = ["\"address\":", "\"driver\":", "\"driverOverride\":", "\"persistent\":", "\"live\":"]
  // The remembered values of a function are not its current binding.
  return try String(contentsOfFile: host, encoding: .utf8)
    .replacing(/"remembered": \{[^}]*\}/, with: "")
    .split(separator: "\n").map(String.init).filter { line in keys.contains { line.contains($0) } }
}

/// Injects a fault at a step of a simulated host while `work` runs.
func withFault<Value>(
  at step: String, _ effect: String, writes: Int = 0, seconds: Int = 0, on host: String,
  _ work: () throws -> Value
) throws -> Value {
  let url = URL(filePath: host)
  // An earlier fault leaves an empty list, which is removed first.
  let text = try String(contentsOf: url, encoding: .utf8)
    .replacing(/,\s*"simulation": \{\s*("faults": \[\])?\s*\}/, with: "")
  let fault =
    "{\"step\": \"\(step)\", \"effect\": \"\(effect)\", \"writes\": \(writes), \"seconds\": \(seconds)}"
  try text.replacing("  \"qemu\": []", with: "  \"qemu\": [],\n  \"simulation\": {\"faults\": [\(fault)]}")
    .write(to: url, atomically: true, encoding: .utf8)
  let value = try work()
  let after = try String(contentsOf: url, encoding: .utf8)
  try after.replacing(/"faults": \[[^\]]*\]/, with: "\"faults\": []").write(
    to: url, atomically: true, encoding: .utf8)
  return value
}

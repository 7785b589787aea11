import Foundation

/// A simulated hypervisor on which the blocks of one document run, one after another. It has a
/// folder with the project's manifests, and a `pcipass` in PATH that runs the built command on this
/// host.
final class Sitting {
  let folder: TemporaryFolder
  private let bin: TemporaryFolder

  /// - Parameter name: the name of a snapshot in `Hosts` or in manifests/captures. A part after a
  ///   slash only distinguishes one sitting from another.
  init(_ name: String) throws {
    folder = try TemporaryFolder()
    bin = try TemporaryFolder()
    let host = name.prefix { $0 != "/" }
    let places = ["Tests/CommandTests/Documents/Hosts", "manifests/captures"]
      .map { Pcipass.root.appending(path: "\($0)/\(host).json") }
    guard let snapshot = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw Failure("there is no snapshot \(host).json")
    }
    try FileManager.default.copyItem(at: snapshot, to: bin.url.appending(path: "host.json"))
    try FileManager.default.copyItem(
      at: Pcipass.root.appending(path: "manifests"), to: folder.url.appending(path: "manifests"))
    try install(host: bin.path("host.json"))
  }

  /// A sitting without a host. Each command fails there, with status 64 if its command line is
  /// wrong.
  init() throws {
    folder = try TemporaryFolder()
    bin = try TemporaryFolder()
    try install(host: bin.path("nowhere.json"))
  }

  /// Installs a wrapper, because documents show neither the path of the build nor --simulate.
  private func install(host: String) throws {
    let path = try bin.write(
      """
      #!/bin/bash
      case " $* " in *" --state "* | *" --simulate "* | *" --sysfs-root "*) exec '\(Pcipass.binary.path)' "$@" ;; esac
      case ${1:-} in
        "" | -* | help | validate | schema) exec '\(Pcipass.binary.path)' "$@" ;;
        *) exec '\(Pcipass.binary.path)' "$1" --simulate '\(host)' "${@:2}" ;;
      esac
      """, to: "pcipass")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  /// Runs a script. Returns its status, and its output and errors in the order of printing.
  func run(_ script: String) throws -> (status: Int32, output: String) {
    let words = ["-c", "cd '\(folder.url.path)'; exec 2>&1\n\(script)"]
    let path = bin.url.path + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let result = try Pcipass.run(
      words,
      environment: ["PATH": path, "HOME": folder.url.path, "TZ": "UTC", "LC_ALL": "C.UTF-8"],
      executable: URL(filePath: "/bin/bash"))
    let output = (result.output + result.error)
      .replacing(bin.path("host.json.state"), with: "/var/lib/pcipass")
      .replacing(folder.url.path + "/", with: "")
    return (result.status, output)
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A command of a transcript, and the output that the transcript shows.
struct Exchange {
  /// The line of the command and its continuation lines.
  var shown: [String]
  var output: [String] = []

  var command: String { shown.map { String($0.dropFirst(2)) }.joined(separator: "\n") }

  static func all(of block: Block) throws -> [Exchange] {
    var all: [Exchange] = []
    for line in block.lines {
      if line.hasPrefix("$ ") {
        all.append(Exchange(shown: [line]))
      } else if line.hasPrefix("> "), all.last?.output == [], all.last?.shown.last?.hasSuffix("\\") == true {
        all[all.count - 1].shown.append(line)
      } else if !all.isEmpty {
        all[all.count - 1].output.append(line)
      } else {
        throw Failure("a transcript begins with a command behind \"$ \"")
      }
    }
    if all.isEmpty { throw Failure("a transcript without a command") }
    return all
  }

  /// Whether the printed output equals the shown output, except for times and similar values. A
  /// shown line `…` matches any lines.
  func shows(_ printed: [String]) -> Bool { Self.match(output[...].map(steady), printed[...].map(steady)) }

  private static func match(_ shown: [String], _ printed: [String]) -> Bool {
    guard let first = shown.first else { return printed.isEmpty }
    if first == "…" {
      return (0...printed.count).contains { match(Array(shown.dropFirst()), Array(printed.dropFirst($0))) }
    }
    return first == printed.first && match(Array(shown.dropFirst()), Array(printed.dropFirst()))
  }
}

/// Returns the line with placeholders for the values that differ in each run: durations,
/// timestamps, process IDs and digests.
private func steady(_ line: String) -> String {
  line.replacing(/\b[0-9]+(\.[0-9]+)? m?s\b/, with: "N s")
    .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,}Z?/, with: "MOMENT")
    .replacing(/\b[0-9a-f]{7,64}\b/, with: "DIGEST")
    .replacing(/(process|pid) [0-9]+/) { "\($0.output.1) N" }
}

/// Returns the command lines of pcipass in a shell script, a systemd unit or YAML, as words. Prose
/// in YAML may mention pcipass, so there a command must start a line, an element or a `run:`.
func commandLines(in text: String, ofYAML isYAML: Bool = false) -> [[String]] {
  let plain = text.replacing("\\\n", with: " ").replacing(/\$\{\{.*?\}\}/, with: "X")
  return plain.split(separator: "\n").flatMap { line -> [[String]] in
    let line = line.replacing(/(^|\s)#.*/, with: "")
    let anywhere =
      /(?:^|[\s\/=;&|(])pcipass (?<words>(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^;&|<>()"'])*)/
    let commands = line.matches(of: anywhere).filter { match in
      !isYAML || line[..<match.range.lowerBound].contains(/^\s*-?\s*(run:)?$|[;&|(]\s*$/)
    }
    return commands.map { command in
      // `2` of `2>` belongs to the shell.
      let isRedirected = line[command.range.upperBound...].hasPrefix(">")
      let words = isRedirected ? command.output.words.replacing(/\s[12]$/, with: "") : command.output.words
      return words.matches(of: /(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"'])+/)
        .map { String($0.output).filter { $0 != "\"" && $0 != "'" } }
    }
  }
}

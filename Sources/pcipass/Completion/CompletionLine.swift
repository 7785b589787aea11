import ArgumentParser
import Execution
import Glibc
import HostModel
import Hosts
import Reporting

/// The parts of a command line to complete that select the source of names. It prints and changes
/// nothing: if something cannot be read, fewer names are offered.
struct CompletionLine {
  private var options: [String: String] = [:]
  private var flags: Set<String> = []
  private(set) var arguments: [String] = []

  /// - Parameter index: the index of the word to complete.
  init(_ words: [String], at index: Int) {
    guard let root = Pcipass.declaration,
      let start = words.indices.dropFirst().first(where: { root[words[$0]] != nil }),
      let command = root[words[start]]
    else { return }
    let valued = Set(command.arguments.filter { $0.kind == .option }.flatMap(\.names))
    var pending: String?
    for position in words.indices where position > start {
      let word = position == index ? "" : words[position]
      if let option = pending {
        options[option] = Self.expanded(word)
        pending = nil
      } else if valued.contains(word) {
        pending = word
      } else if word.hasPrefix("--"), let sign = word.firstIndex(of: "=") {
        options[String(word[..<sign])] = Self.expanded(String(word[word.index(after: sign)...]))
      } else if word.hasPrefix("-") {
        flags.insert(word)
      } else if !word.isEmpty {
        arguments.append(Self.expanded(word))
      }
    }
    // Standard input belongs to the shell, so `-` is ignored.
    options = options.filter { !$0.value.isEmpty && $0.value != "-" }
  }

  private static func expanded(_ word: String) -> String {
    guard word.hasPrefix("~/"), let home = getenv("HOME") else { return word }
    return String(cString: home) + word.dropFirst()
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }
  subscript(option: String) -> String? { options[option] }

  /// The host that the options select.
  var host: HostOptions? {
    let words = ["--host", "--simulate", "--sysfs-root", "--state-dir"].flatMap { name in
      options[name].map { [name, $0] } ?? []
    }
    return try? HostOptions.parse(words)
  }

  /// The state of that host. libvirt and QEMU are not queried.
  var state: HostState? {
    if let file = options["--state"] ?? options["--simulate"] { return try? HostState.read(file) }
    let silent = Observed<[GuestState]>.unavailable("")
    return try? HostReader(root: options["--sysfs-root"] ?? "/", libvirt: silent, qemu: silent).read().state
  }

  var store: JournalStore? { host.map { JournalStore($0.stateFolder) } }
}

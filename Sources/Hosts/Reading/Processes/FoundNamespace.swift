/// A network namespace, and how it is entered.
struct FoundNamespace {
  let number: UInt64
  /// Of where it is mounted.
  var name: String?
  /// The first of its processes.
  var process: (number: Int, command: String)?
  /// Any of these enters it.
  private(set) var files: [String] = []

  init(_ number: UInt64) { self.number = number }

  /// Where a few have ended meanwhile, all processes are looked at once more.
  mutating func add(file: String) { if files.count < 8 { files.append(file) } }

  /// What it is called in messages, after "the network namespace".
  var label: String {
    if let name { return name }
    return process.map { "of process \($0.number) (\($0.command))" } ?? "\(number)"
  }
}

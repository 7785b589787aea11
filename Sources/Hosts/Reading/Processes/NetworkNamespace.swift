/// A network namespace and the files through which it can be entered.
struct NetworkNamespace {
  /// The inode number that identifies it.
  let number: UInt64
  /// The name of its mount point, as of `ip netns add`; nil if it is not mounted.
  var name: String?
  /// The process in it with the lowest id; nil if it has none.
  var process: (number: Int, command: String)?
  /// Paths through which it can be entered.
  private(set) var files: [String] = []

  init(_ number: UInt64) { self.number = number }

  /// Adds a path, up to eight. If all of these have vanished when they are needed, the processes are scanned
  /// again.
  mutating func add(file: String) { if files.count < 8 { files.append(file) } }

  /// Its name for messages, after "the network namespace".
  var label: String {
    if let name { return name }
    return process.map { "of process \($0.number) (\($0.command))" } ?? "\(number)"
  }
}

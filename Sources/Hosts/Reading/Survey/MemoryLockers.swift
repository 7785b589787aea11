import Files
import Glibc
import HostModel
import SystemPackage

/// Finds the processes of QEMU and of libvirt's daemons, and their limits of locked memory.
enum MemoryLockers {
  /// CAP_IPC_LOCK and CAP_SYS_RESOURCE (`linux/capability.h`).
  private static let lockMemory = 14
  private static let raiseLimits = 24

  /// The processes of QEMU and libvirt's daemons, in the order of their ids.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[MemoryLocker]> {
    do {
      let proc = try tree.folder("proc")
      let processes = try proc.processes()
      guard tree.isLive || !processes.isEmpty else {
        return .unavailable("a captured file tree has no processes")
      }
      var found: [MemoryLocker] = []
      for process in processes {
        do {
          if let locker = try locker(process, proc.folder("\(process)"), scratch) { found.append(locker) }
        } catch  where error == .noSuchFileOrDirectory || error == .noSuchProcess {
          // The process has ended in the meantime.
          continue
        }
      }
      return .known(found)
    } catch { return .unavailable(tree.name(of: "proc") + ": " + error.description) }
  }

  private static func locker(
    _ process: Int, _ folder: borrowing Folder, _ scratch: Scratch
  ) throws(Errno) -> MemoryLocker? {
    // The kernel keeps 15 bytes of a name, and `qemu-system-x86_64` is longer.
    let command = try folder.read("comm", scratch).trimmed.text
    let isDaemon = command == "libvirtd" || command == "virtqemud"
    guard isDaemon || command.hasPrefix("qemu-system-") || command == "qemu-kvm" || command == "kvm" else {
      return nil
    }
    let status = try fields(of: folder.read("status", scratch).text)
    // The session daemon of a user does not assign devices.
    if isDaemon, status["Uid"]?.split(whereSeparator: \.isWhitespace).first != "0" { return nil }
    let capabilities = status["CapEff"].flatMap { UInt64($0, radix: 16) } ?? 0
    let limit = try limit(folder.read("limits", scratch).text)
    let arguments = isDaemon ? "" : try arguments(in: folder, scratch)
    return MemoryLocker(
      process: process, command: command,
      kind: isDaemon ? .daemon : arguments.contains("/libvirt/") ? .libvirtGuest : .guest,
      limit: limit,
      resident: status["VmRSS"].flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }.map {
        $0 << 10
      },
      isExempt: capabilities >> lockMemory & 1 == 1, canRaiseLimit: capabilities >> raiseLimits & 1 == 1)
  }

  private static func arguments(in folder: borrowing Folder, _ scratch: Scratch) throws(Errno) -> String {
    let file = try folder.file("cmdline")
    return try file.start(upTo: 65536, scratch).text
  }

  private static func fields(of status: String) -> [String: String] {
    Dictionary(
      status.split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1].drop(while: \.isWhitespace))) : nil
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The soft limit in bytes, which is the one that applies: `Max locked memory  8388608  8388608  bytes`.
  /// Nil if it is unlimited.
  private static func limit(_ text: String) throws(Errno) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix("Max locked memory") {
      guard let word = line.dropFirst(17).split(whereSeparator: \.isWhitespace).first else { break }
      if word == "unlimited" { return nil }
      if let number = Int(word) { return number }
    }
    throw .invalidArgument
  }
}

import Documents
import Glibc
import Hosts
import SystemPackage

/// One apply at a time on a host, and one that watches over it: flock(2) on a file in the state folder.
///
/// The process that writes into the kernel's files keeps it open, so that the lock outlives a pcipass that was killed
/// until the write that it had begun has ended.
public final class HostLock: Sendable {
  public enum Name: String, Sendable {
    /// Whoever has it may change the host.
    case host = "lock"
    /// Whoever has it takes back what nobody confirms.
    case watch
  }

  private let file: FileDescriptor

  public var descriptor: CInt { file.rawValue }

  /// - Parameters:
  ///   - name: which lock.
  ///   - folder: the state folder.
  ///   - task: what it is for, told to others who want it.
  ///   - timeout: how long is waited for others.
  public init(
    _ name: Name, in folder: String, for task: String, waiting timeout: Duration
  ) throws(Diagnostics) {
    do throws(StateFolder.Refusal) { file = try StateFolder(folder).lockFile(name.rawValue) } catch {
      throw Diagnostics([Diagnostic(code: "state-folder", error.reason)])
    }
    // Whoever only looks whether somebody has it has it for a moment.
    let end = ContinuousClock.now + max(timeout, .milliseconds(500))
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      let error = errno
      guard error == EWOULDBLOCK || error == EINTR, .now < end else {
        let holder = Self.holder(file)
        try? file.close()
        throw Diagnostics([
          Diagnostic(
            code: "locked",
            error == EWOULDBLOCK
              ? "another pcipass is at work on this host\(holder.map { ": " + $0 } ?? ""); nothing was done"
              : "\(folder)/\(name.rawValue) cannot be locked: \(Errno(rawValue: error))",
            help: error == EWOULDBLOCK
              ? "wait for its end, or let this one wait: --lock-timeout SECONDS" : nil)
        ])
      }
      usleep(50_000)
    }
    let text = "process \(getpid()), \(task)\n"
    // Only told to people: without it the lock is one all the same.
    _ = ftruncate(file.rawValue, 0)
    _ = try? file.writeAll(toAbsoluteOffset: 0, text.utf8)
  }

  deinit { try? file.close() }

  /// Lets others in although a write may still be going on that was given up.
  public func release() { _ = flock(file.rawValue, LOCK_UN) }

  /// Processes that have the lock's file open besides this one. Where nobody has the lock, these are kernel writes that
  /// were given up and go on.
  public var others: [Int] {
    var mine = stat()
    guard fstat(file.rawValue, &mine) == 0, let processes = opendir("/proc") else { return [] }
    defer { closedir(processes) }
    var result: [Int] = []
    while let entry = readdir(processes) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let process = Int(name), process != Int(getpid()), let files = opendir("/proc/\(name)/fd") else {
        continue
      }
      defer { closedir(files) }
      var isIt = false
      while !isIt, let entry = readdir(files) {
        var other = stat()
        let found = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { fstatat(dirfd(files), $0, &other, 0) }
        }
        isIt = found == 0 && other.st_dev == mine.st_dev && other.st_ino == mine.st_ino
      }
      if isIt { result.append(process) }
    }
    return result
  }

  /// Whether somebody has the lock now, and who says so.
  public static func holder(of name: Name, in folder: String) throws(Diagnostics) -> String?? {
    do throws(StateFolder.Refusal) {
      guard let state = try StateFolder.existing(folder) else { return nil }
      let file = try state.lockFile(name.rawValue)
      defer { try? file.close() }
      guard flock(file.rawValue, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
      return .some(holder(file))
    } catch {
      throw Diagnostics([Diagnostic(code: "state-folder", error.reason)])
    }
  }

  private static func holder(_ file: FileDescriptor) -> String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = buffer.withUnsafeMutableBytes { (try? file.read(fromAbsoluteOffset: 0, into: $0)) ?? 0 }
    let text = String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }
}

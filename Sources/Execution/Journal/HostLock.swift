import CKernel
import Documents
import Files
import Glibc
import Hosts
import SystemPackage

/// A lock on a host: flock(2) on a file in the state folder. It allows one apply at a time, and one watchdog.
///
/// The process that writes into kernel files inherits the descriptor, so the lock of a killed
/// pcipass stays held until the write that it began has ended.
public final class HostLock: Sendable {
  /// The name of the lock, which is that of its file.
  public enum Name: String, Sendable {
    /// Its holder may change the host.
    case host = "lock"
    /// Its holder undoes an apply that is not confirmed.
    case watch
  }

  /// The process that holds a lock, as it describes itself in the lock file.
  public struct Owner: Sendable, Equatable, CustomStringConvertible {
    public var process: Int?
    /// Its task, and other information.
    public var words: String
    /// Whether a signal or a debugger has stopped the process.
    public var isStopped: Bool

    public init(process: Int?, words: String, isStopped: Bool = false) {
      self.process = process
      self.words = words
      self.isStopped = isStopped
    }

    /// For example `process 812, apply`.
    public var description: String {
      [process.map { "process \($0)" + (isStopped ? " (stopped)" : "") }, words.isEmpty ? nil : words]
        .compactMap { $0 }.joined(separator: ", ")
    }

    fileprivate init(_ text: String) {
      let parts = text.split(separator: ", ", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].hasPrefix("process "), let process = Int(parts[0].dropFirst(8)) else {
        self.init(process: nil, words: text)
        return
      }
      self.init(
        process: process, words: parts[1], isStopped: RunningProcess.state(of: process) == .stopped)
    }
  }

  private let lock: FileLock
  private var file: FileDescriptor { lock.file }
  /// The byte of the file that is locked while any process has this open file description: see
  /// `hasUnendedWrites`.
  private static let mark: off_t = 1

  /// The file descriptor, which processes that write into kernel files inherit.
  public var descriptor: CInt { file.rawValue }

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - name: the lock.
  ///   - folder: the path of the state folder.
  ///   - task: the task of this process, which is shown to other processes that try to take the
  ///     lock.
  ///   - timeout: how long to wait for other holders; at least half a second.
  /// - Throws: `locked` if another process still holds the lock; `state-folder` if the folder cannot be
  ///   trusted or written.
  public init(
    _ name: Name, in folder: String, for task: String, waiting timeout: Duration
  ) throws(Diagnostics) {
    do throws(FileError) { lock = try StateFolder(folder).lock(name.rawValue) } catch {
      throw Diagnostics(code: "state-folder", error)
    }
    // A process that only checks for a holder takes the lock for a moment.
    do throws(Errno) { try lock.take(within: max(timeout, .milliseconds(500))) } catch {
      let holder = Self.holder(lock)
      throw Diagnostics([
        Diagnostic(
          code: error == .wouldBlock ? "locked" : "state-folder",
          error == .wouldBlock
            ? "another pcipass is changing this host\(holder.map { ": \($0)" } ?? ""); nothing was changed"
            : "\(folder)/\(name.rawValue) cannot be locked: \(error)",
          help: error == .wouldBlock
            ? "try again later, or wait for it: --lock-timeout SECONDS" : nil)
      ])
    }
    _ = ckernel_mark(lock.file.rawValue, Self.mark)
    announce(task)
  }

  /// Releases the lock, also if an abandoned kernel write still has the descriptor.
  public func release() { lock.release() }

  /// Writes the task of this process to the lock file. An error is ignored, because the lock is
  /// held without the text.
  public func announce(_ words: String) {
    let text = "process \(getpid()), \(words.prefix(2000).replacing("\n", with: " "))\n"
    // The file is overwritten before it is shortened, because its space is available on a full
    // disk.
    if (try? file.writeAll(toAbsoluteOffset: 0, text.utf8)) != nil {
      _ = ftruncate(file.rawValue, off_t(text.utf8.count))
    }
  }

  /// Whether kernel writes that earlier runs abandoned have not ended. The value is meaningful only
  /// while this process holds the lock.
  public var hasUnendedWrites: Bool { ckernel_is_marked(file.rawValue, Self.mark) != 0 }

  /// The ids of the processes that do these writes.
  public var unendedWrites: [Int] {
    hasUnendedWrites ? RunningProcess.others(havingOpen: file.rawValue) : []
  }

  /// Returns the process that holds a lock, or `nil` if it is free.
  ///
  /// - Throws: `state-folder` if the folder or the file cannot be trusted or read.
  public static func holder(of name: Name, in folder: String) throws(Diagnostics) -> Owner? {
    do throws(FileError) {
      guard let state = try StateFolder.existing(folder), let lock = try state.existingLock(name.rawValue),
        lock.isHeldByAnother
      else { return nil }
      return holder(lock) ?? Owner(process: nil, words: "another process")
    } catch {
      throw Diagnostics(code: "state-folder", error)
    }
  }

  /// Reads the holder from the file. If the process that wrote the text has ended, another process
  /// holds the lock: one that still does a kernel write for it, or a program that writes no text.
  private static func holder(_ lock: FileLock) -> Owner? {
    let file = lock.file
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { (try? file.read(fromAbsoluteOffset: 0, into: $0)) ?? 0 }
    let text = String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let holder = text.isEmpty ? nil : Owner(text)
    if let process = holder?.process, RunningProcess.state(of: process) != .gone { return holder }
    guard let process = RunningProcess.others(havingLocked: file.rawValue).first else { return holder }
    return Owner(
      process: process, words: holder.map { "after the end of \($0)" } ?? "",
      isStopped: RunningProcess.state(of: process) == .stopped)
  }
}

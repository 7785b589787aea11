import CKernel
import Documents
import Files
import Glibc
import Hosts
import SystemPackage

/// One apply at a time on a host, and one watchdog: flock(2) on a file in the state folder.
///
/// The process that writes into the kernel's files keeps it open, so that the lock outlives a pcipass that was killed
/// until the write that it had begun has ended.
public final class HostLock: Sendable {
  public enum Name: String, Sendable {
    /// Its holder may change the host.
    case host = "lock"
    /// Its holder undoes what is not confirmed.
    case watch
  }

  /// What the process that has a lock says of itself.
  public struct Holder: Sendable, Equatable, CustomStringConvertible {
    public var process: Int?
    /// Its task, and what else there is to know.
    public var words: String
    /// Whether a signal has stopped it, or a debugger.
    public var isStopped: Bool

    public init(process: Int?, words: String, isStopped: Bool = false) {
      self.process = process
      self.words = words
      self.isStopped = isStopped
    }

    /// `process 812, apply`
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
  /// A byte that is marked as long as any process has this opening of the file: `hasUnendedWrites`.
  private static let mark: off_t = 1

  public var descriptor: CInt { file.rawValue }

  /// - Parameters:
  ///   - name: which lock.
  ///   - folder: the state folder.
  ///   - task: what it is for, told to others who want it.
  ///   - timeout: how long is waited for others.
  public init(
    _ name: Name, in folder: String, for task: String, waiting timeout: Duration
  ) throws(Diagnostics) {
    do throws(FileError) { lock = try StateFolder(folder).lock(name.rawValue) } catch {
      throw Diagnostics(code: "state-folder", error)
    }
    // A process that only looks whether it is held has it for a moment.
    do throws(Errno) { try lock.take(within: max(timeout, .milliseconds(500))) } catch {
      let holder = Self.holder(lock)
      throw Diagnostics([
        Diagnostic(
          code: "locked",
          error == .wouldBlock
            ? "another pcipass is at work on this host\(holder.map { ": \($0)" } ?? ""); nothing was done"
            : "\(folder)/\(name.rawValue) cannot be locked: \(error)",
          help: error == .wouldBlock
            ? "wait for its end, or let this one wait: --lock-timeout SECONDS" : nil)
      ])
    }
    _ = ckernel_mark(lock.file.rawValue, Self.mark)
    say(task)
  }

  /// Lets others in although a write may still be going on that was given up.
  public func release() { lock.release() }

  /// Tells others what its holder does. Without that it is a lock all the same.
  public func say(_ words: String) {
    let text = "process \(getpid()), \(words.prefix(2000).replacing("\n", with: " "))\n"
    // On a full disk the room that the file has is still there.
    if (try? file.writeAll(toAbsoluteOffset: 0, text.utf8)) != nil {
      _ = ftruncate(file.rawValue, off_t(text.utf8.count))
    }
  }

  /// Whether kernel writes that earlier runs gave up still go on, where this has the lock.
  public var hasUnendedWrites: Bool { ckernel_is_marked(file.rawValue, Self.mark) != 0 }

  /// The processes of such writes.
  public var unendedWrites: [Int] {
    hasUnendedWrites ? RunningProcess.others(havingOpen: file.rawValue) : []
  }

  /// The process that has the lock now; nil where it is free.
  public static func holder(of name: Name, in folder: String) throws(Diagnostics) -> Holder? {
    do throws(FileError) {
      guard let state = try StateFolder.existing(folder), let lock = try state.existingLock(name.rawValue),
        lock.isHeldByAnother
      else { return nil }
      return holder(lock) ?? Holder(process: nil, words: "another process")
    } catch {
      throw Diagnostics(code: "state-folder", error)
    }
  }

  /// Where the process that wrote its task has ended, another one has the lock: the write in the kernel that it began, or a
  /// program that writes nothing.
  private static func holder(_ lock: FileLock) -> Holder? {
    let file = lock.file
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { (try? file.read(fromAbsoluteOffset: 0, into: $0)) ?? 0 }
    let text = String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let holder = text.isEmpty ? nil : Holder(text)
    if let process = holder?.process, RunningProcess.state(of: process) != .gone { return holder }
    guard let process = RunningProcess.others(havingLocked: file.rawValue).first else { return holder }
    return Holder(
      process: process, words: holder.map { "after \($0), has ended" } ?? "",
      isStopped: RunningProcess.state(of: process) == .stopped)
  }
}

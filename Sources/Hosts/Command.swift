import CKernel
import Documents
import Glibc
import SystemPackage

/// Why a program's answer is not to be had.
public struct NoAnswer: Error {
  public var reason: String
  /// It may still be at work.
  var isLate = false

  init(reason: String, isLate: Bool) {
    self.reason = reason
    self.isLate = isLate
  }

  public init(reason: String) { self.init(reason: reason, isLate: false) }
}

/// Runs a program of the system for what it prints.
public enum Command {
  /// What the program printed; an error where it failed, printed too much or took too long.
  ///
  /// - Parameter showsErrors: what it says against it is the reason of the error.
  public static func output(
    _ path: String, _ arguments: [String], upTo limit: Int, within deadline: Duration,
    showsErrors: Bool = false
  ) throws(NoAnswer) -> [UInt8] {
    var ends: [CInt] = [-1, -1]
    // Programs that other threads start at this moment must not keep its ends open.
    let error = ckernel_pipe(&ends)
    guard error == 0 else { throw NoAnswer(reason: Errno(rawValue: error).description) }
    let reading = OpenFile(adopting: ends[0])
    let writing = OpenFile(adopting: ends[1])
    let process: pid_t
    do { process = try spawn(path, arguments, writing, showsErrors) } catch {
      throw NoAnswer(reason: error.description)
    }
    discard(writing)
    let end = ContinuousClock.now + deadline
    let output: [UInt8]
    do { output = try collect(reading, upTo: limit, until: end) } catch {
      stop(process)
      throw error
    }
    guard let status = wait(for: process, until: end) else {
      stop(process)
      throw NoAnswer(reason: "no end after \(deadline)", isLate: true)
    }
    guard status == 0 else {
      let words = printable(complaint(output))
      throw NoAnswer(
        reason: showsErrors && !words.isEmpty ? words : "failed (exit status \(status >> 8 & 0xFF))")
    }
    return output
  }

  /// The line that says what is wrong, which is the first where none is marked.
  private static func complaint(_ output: [UInt8]) -> Substring {
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.contains("error: ") } ?? lines.first ?? ""
  }

  /// Starts a program that goes on when this one and its terminal are gone: in a session of its own, reading and
  /// writing nothing, and keeping nothing open for which somebody else may wait.
  public static func detached(_ path: String, _ arguments: [String]) throws(NoAnswer) {
    do throws(Errno) {
      keepToMyself()
      let nowhere = OpenFile(adopting: try retrying { open("/dev/null", O_WRONLY | O_CLOEXEC) })
      _ = try spawn(path, arguments, nowhere, true, newSession)
    } catch {
      throw NoAnswer(reason: error.description)
    }
  }

  /// What this process was given open besides the three ends, no program gets that it starts.
  private static func keepToMyself() {
    guard let names = try? Folder(at: "/proc/self/fd").names() else { return }
    for file in names.compactMap({ CInt($0) }) where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
  }

  /// spawn.h: POSIX_SPAWN_SETSID, which Glibc declares for GNU sources only.
  private static let newSession: CInt = 0x80

  private static func stop(_ process: pid_t) {
    kill(process, SIGKILL)
    // A process that waits in the kernel cannot be killed; it is left to whoever adopts it.
    _ = wait(for: process, until: .now + .seconds(1))
  }

  private static func discard(_ file: consuming OpenFile) {}

  private static func spawn(
    _ path: String, _ arguments: [String], _ writing: borrowing OpenFile, _ showsErrors: Bool,
    // In a group of its own: Ctrl-C is for pcipass, which ends what it has begun.
    _ flags: CInt = POSIX_SPAWN_SETPGROUP
  ) throws(Errno) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, writing.descriptor, 1)
    if showsErrors {
      posix_spawn_file_actions_adddup2(&actions, writing.descriptor, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    var process: pid_t = 0
    let words = strings([path] + arguments)
    let environment = strings(["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    defer { for word in words + environment { free(word) } }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process ignores, or whoever started it has blocked, is nothing to them.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    sigaddset(&signals, SIGHUP)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let code = posix_spawn(&process, path, &actions, &attributes, words, environment)
    guard code == 0 else { throw Errno(rawValue: code) }
    return process
  }

  /// As C wants them: a zero behind each and a null at the end.
  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }

  private static func collect(
    _ reading: borrowing OpenFile, upTo limit: Int, until end: ContinuousClock.Instant
  ) throws(NoAnswer) -> [UInt8] {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    do {
      while true {
        var waiting = pollfd(fd: reading.descriptor, events: Int16(POLLIN), revents: 0)
        let left = max(.zero, end - .now) / Duration.milliseconds(1)
        guard try retrying({ poll(&waiting, 1, CInt(left.rounded(.up))) }) > 0 else {
          throw NoAnswer(reason: "no answer in time", isLate: true)
        }
        let count = try retrying { read(reading.descriptor, &chunk, chunk.count) }
        if count == 0 { return output }
        output.append(contentsOf: chunk[..<count])
        guard output.count <= limit else { throw NoAnswer(reason: "printed more than \(limit) bytes") }
      }
    } catch let error as Errno {
      throw NoAnswer(reason: error.description)
    } catch let error as NoAnswer {
      throw error
    } catch {
      throw NoAnswer(reason: "\(error)")
    }
  }

  /// Its wait status, or nil where it has not ended by then.
  private static func wait(for process: pid_t, until end: ContinuousClock.Instant) -> CInt? {
    var status: CInt = 0
    while true {
      let result = waitpid(process, &status, WNOHANG)
      if result == process { return status }
      if result == -1, errno != EINTR { return nil }
      guard .now < end else { return nil }
      usleep(500)
    }
  }
}

import Documents
import Glibc
import SystemPackage

/// Why a program's answer is not to be had.
struct NoAnswer: Error {
  var reason: String
  /// It may still be at work.
  var isLate = false
}

/// Runs a program of the system for what it prints.
enum Command {
  /// What the program printed; an error where it failed, printed too much or took too long.
  ///
  /// - Parameter showsErrors: what it says against it is the reason of the error.
  static func output(
    _ path: String, _ arguments: [String], upTo limit: Int, within deadline: Duration,
    showsErrors: Bool = false
  ) throws(NoAnswer) -> [UInt8] {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw NoAnswer(reason: Errno(rawValue: errno).description) }
    let reading = OpenFile(adopting: ends[0])
    let writing = OpenFile(adopting: ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
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
      let words = printable(String(decoding: output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
      throw NoAnswer(
        reason: showsErrors && !words.isEmpty ? words : "failed (exit status \(status >> 8 & 0xFF))")
    }
    return output
  }

  private static func stop(_ process: pid_t) {
    kill(process, SIGKILL)
    // A process that waits in the kernel cannot be killed; it is left to whoever adopts it.
    _ = wait(for: process, until: .now + .seconds(1))
  }

  private static func discard(_ file: consuming OpenFile) {}

  private static func spawn(
    _ path: String, _ arguments: [String], _ writing: borrowing OpenFile, _ showsErrors: Bool
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
    let code = posix_spawn(&process, path, &actions, nil, words, environment)
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

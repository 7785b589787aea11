import Glibc
import SystemPackage

/// Runs a program of the system and returns its output.
public enum Subprocess {
  /// The standard output of the program; an error if it failed, printed too much or took too long.
  ///
  /// - Parameter showsErrors: whether the reason of the error is a line that the program wrote to
  ///   standard error.
  public static func output(
    _ path: String, _ arguments: [String], upTo limit: Int, within time: Duration, showsErrors: Bool = false
  ) throws(SubprocessFailure) -> [UInt8] {
    let (process, reading) = try started(path, arguments, showsErrors: showsErrors)
    defer { try? reading.close() }
    let end = ContinuousClock.now + time
    let output: [UInt8]
    do { output = try collect(reading, upTo: limit, until: end) } catch {
      stop(process)
      throw error
    }
    guard let status = wait(for: process, until: end) else {
      stop(process)
      throw SubprocessFailure(reason: "did not finish within \(time)", isTimeout: true)
    }
    guard status == 0 else {
      let words = complaint(output)
      throw SubprocessFailure(
        reason: showsErrors && !words.isEmpty ? words : "failed (exit status \(status >> 8 & 0xFF))")
    }
    return output
  }

  private static func started(
    _ path: String, _ arguments: [String], showsErrors: Bool
  ) throws(SubprocessFailure) -> (process: pid_t, output: FileDescriptor) {
    do throws(Errno) {
      // A program that another thread starts at the same time must not keep the ends of the pipe
      // open.
      let (reading, writing) = try FileDescriptor.pipe(options: .closeOnExec)
      defer { try? writing.close() }
      do throws(Errno) {
        return (try spawn(path, arguments, writingTo: writing, showsErrors: showsErrors), reading)
      } catch {
        try? reading.close()
        throw error
      }
    } catch {
      throw SubprocessFailure(reason: error.description)
    }
  }

  /// The first line with `error: `, or the first line if there is none.
  private static func complaint(_ output: [UInt8]) -> String {
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    return String(lines.first { $0.contains("error: ") } ?? lines.first ?? "")
  }

  /// Starts a program that continues after this process and its terminal have ended. It runs in a
  /// new session, with /dev/null as its standard files. It inherits no other open file, because
  /// another process may wait for the end of such a file.
  public static func detached(_ path: String, _ arguments: [String]) throws(SubprocessFailure) {
    do throws(Errno) {
      closeOthersOnExec()
      let nowhere = OpenFile(adopting: try retrying { open("/dev/null", O_WRONLY | O_CLOEXEC) })
      _ = try spawn(
        path, arguments, writingTo: FileDescriptor(rawValue: nowhere.descriptor), showsErrors: true,
        newSession)
    } catch {
      throw SubprocessFailure(reason: error.description)
    }
  }

  /// Marks all inherited files except the standard ones as close-on-exec.
  private static func closeOthersOnExec() {
    guard let names = try? Folder(at: "/proc/self/fd").names() else { return }
    for file in names.compactMap({ CInt($0) }) where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
  }

  private static func stop(_ process: pid_t) {
    kill(process, SIGKILL)
    // A process that is blocked in the kernel cannot be killed. It is left to init or a subreaper.
    _ = wait(for: process, until: .now + .seconds(1))
  }

  private static func collect(
    _ reading: FileDescriptor, upTo limit: Int, until end: ContinuousClock.Instant
  ) throws(SubprocessFailure) -> [UInt8] {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      do throws(Errno) {
        guard try isReady(reading.rawValue, for: POLLIN, until: end) else { break }
        let count = try retrying { read(reading.rawValue, &chunk, chunk.count) }
        if count == 0 { return output }
        output.append(contentsOf: chunk[..<count])
      } catch {
        throw SubprocessFailure(reason: error.description)
      }
      guard output.count <= limit else {
        throw SubprocessFailure(reason: "printed more than \(limit) bytes")
      }
    }
    throw SubprocessFailure(reason: "did not answer in time", isTimeout: true)
  }

  /// The wait status of the process; nil if it has not ended by that time.
  private static func wait(for process: pid_t, until end: ContinuousClock.Instant) -> CInt? {
    var status: CInt = 0
    let isEnded = repeated(for: end - .now, every: .microseconds(500)) { () -> Bool? in
      let result = waitpid(process, &status, WNOHANG)
      if result == process { return true }
      return result == -1 && errno != EINTR ? false : nil
    }
    return isEnded == true ? status : nil
  }
}

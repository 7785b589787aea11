import Glibc
import SystemPackage

/// Runs a program of the system for what it prints.
public enum Subprocess {
  /// What the program printed; an error where it failed, printed too much or took too long.
  ///
  /// - Parameter showsErrors: whether the error's reason is what the program said on standard error.
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
      // Programs that other threads start at this moment must not keep its ends open.
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

  /// The line that says what is wrong, which is the first where none is marked.
  private static func complaint(_ output: [UInt8]) -> String {
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    return String(lines.first { $0.contains("error: ") } ?? lines.first ?? "")
  }

  /// Starts a program that goes on when this one and its terminal are gone: in a session of its own, reading and
  /// writing nothing, and keeping nothing open for whose end another process may wait.
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

  /// Files that this process was given open, besides the standard ones, are not passed on to programs that it starts.
  private static func closeOthersOnExec() {
    guard let names = try? Folder(at: "/proc/self/fd").names() else { return }
    for file in names.compactMap({ CInt($0) }) where file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
  }

  private static func stop(_ process: pid_t) {
    kill(process, SIGKILL)
    // A process that waits in the kernel cannot be killed; it is left to init, or to a subreaper.
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

  /// The wait status of the process, or nil where it has not ended by then.
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

import Glibc
import SystemPackage

extension Subprocess {
  /// spawn.h: POSIX_SPAWN_SETSID, which Glibc declares for GNU sources only.
  static let newSession: CInt = 0x80

  /// Starts a program with an empty standard input.
  ///
  /// - Parameters:
  ///   - output: the file for standard output.
  ///   - showsErrors: whether standard error goes to `output` too, instead of /dev/null.
  ///   - flags: the default is a separate process group, because Ctrl-C must stop pcipass only,
  ///     which then finishes the current step.
  static func spawn(
    _ path: String, _ arguments: [String], writingTo output: FileDescriptor, showsErrors: Bool,
    _ flags: CInt = POSIX_SPAWN_SETPGROUP
  ) throws(Errno) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
    if showsErrors {
      posix_spawn_file_actions_adddup2(&actions, output.rawValue, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The program must not inherit the signals that this process ignores or that are blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    sigaddset(&signals, SIGHUP)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = strings([path] + arguments)
    let environment = strings(["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    defer { for word in words + environment { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, words, environment)
    guard code == 0 else { throw Errno(rawValue: code) }
    return process
  }

  /// The texts as a C array: each text ends with a zero byte, the array with a null pointer.
  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }
}

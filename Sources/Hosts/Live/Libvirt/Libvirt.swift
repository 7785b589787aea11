import CLibvirt
import Files
import Glibc
import HostModel
import Synchronization

/// Access to libvirt on this machine. All calls use one connection, which is opened on first use
/// and opened again after a restart of the daemon. Each call has a timeout. Several threads may
/// call at the same time.
final class Libvirt: Sendable {
  private let uri: String?
  private let current = Mutex(Current())
  private let attempt = SingleFlight<Result<LibvirtConnection, LibvirtFailure>>()

  private struct Current {
    var connection: LibvirtConnection?
    /// Whether a daemon has answered before. If so, a daemon that cannot be reached may be
    /// restarting.
    var wasOpen = false
  }

  /// The time for a restart of the daemon.
  private static let restart = Duration.seconds(30)
  /// The time for opening a connection.
  private let opening: Duration

  /// - Parameters:
  ///   - uri: the connection URI; nil for the default of the library.
  ///   - opening: the time for opening a connection.
  init(uri: String?, opening: Duration = .seconds(15)) {
    self.uri = uri
    self.opening = opening
  }

  /// Does some work on a connection and returns its result. If the connection breaks, the work is
  /// repeated on a new connection, so it must be safe to repeat.
  ///
  /// - Parameters:
  ///   - use: whether the work reads or changes; see `CallSlots`.
  ///   - time: the time for the work, counted from when it has a slot.
  /// - Throws: `.error` with libvirt's error; `.unavailable` or `.lost` if the daemon does not
  ///   answer again within 30 s; `.noAnswer` after `time`.
  func ask<Value: Sendable>(
    _ use: CallSlots.Use, within time: Duration,
    _ work: @escaping @Sendable (LibvirtConnection) throws(LibvirtError) -> Value
  ) throws(LibvirtFailure) -> Value {
    let end = ContinuousClock.now + Self.restart
    while true {
      do throws(LibvirtFailure) {
        return try askOnce(use, within: time, work)
      } catch {
        guard mayComeBack(error), .now < end else { throw error }
        usleep(200_000)
      }
    }
  }

  /// Does some work on a connection, once only, and returns its result. If the connection breaks
  /// during the work, throws `.lost`; it is then unknown whether the work was done.
  func askOnce<Value: Sendable>(
    _ use: CallSlots.Use, within time: Duration,
    _ work: @escaping @Sendable (LibvirtConnection) throws(LibvirtError) -> Value
  ) throws(LibvirtFailure) -> Value {
    var connection = try open()
    // Another call may have closed the connection. The work has not been started, so a new
    // connection can be used.
    while !connection.slots.take(for: use) { connection = try open() }
    let answer = Files.within(time) { [connection] () -> Result<Value, LibvirtFailure> in
      // After a timeout the slot stays in use until the call returns, because the daemon still
      // works on the call.
      defer { connection.slots.release(use) }
      do throws(LibvirtError) { return .success(try work(connection)) } catch {
        return .failure(connection.isLost(error) ? .lost(error) : .error(error))
      }
    }
    switch answer {
    case .success(let value): return value
    case .failure(let failure):
      if case .lost = failure { drop(connection) }
      throw failure
    case nil:
      drop(connection)
      throw .noAnswer(after: time)
    }
  }

  /// Whether a restart of the daemon may have caused the failure.
  private func mayComeBack(_ failure: LibvirtFailure) -> Bool {
    switch failure {
    case .lost: true
    case .unavailable: current.withLock { $0.wasOpen }
    case .error, .noAnswer: false
    }
  }

  private func open() throws(LibvirtFailure) -> LibvirtConnection {
    if let connection = current.withLock({ $0.connection }) { return connection }
    let opened = attempt.run {
      // Another thread may have opened a connection in the meantime.
      if let connection = current.withLock({ $0.connection }) { return .success(connection) }
      do throws(LibvirtFailure) { return .success(try connect()) } catch { return .failure(error) }
    }
    return try opened.get()
  }

  private func connect() throws(LibvirtFailure) -> LibvirtConnection {
    let uri = try LibvirtURI.toOpen(uri)
    let opened = within(opening) { () -> Result<LibvirtConnection, LibvirtFailure> in
      LibvirtLibrary.shared.flatMap { library in
        do throws(LibvirtError) { return .success(try LibvirtConnection(library, uri)) } catch {
          return .failure(.unavailable(error.description))
        }
      }
    }
    guard let opened else { throw .noAnswer(after: opening) }
    let connection = try opened.get()
    if let uri = connection.uri { try LibvirtURI.checkIsHere(uri) }
    current.withLock { $0 = Current(connection: connection, wasOpen: true) }
    return connection
  }

  /// Drops a lost connection. Several calls may lose the same connection: the first one drops it,
  /// and a later one must not drop the next connection.
  private func drop(_ connection: LibvirtConnection) {
    current.withLock { if $0.connection === connection { $0.connection = nil } }
    connection.slots.close()
  }
}

/// The checks of the libvirt connection URI.
enum LibvirtURI {
  /// The URI to open; nil for the default of the library.
  ///
  /// - Throws: `.unavailable` if no daemon runs on this machine, or if the URI does not lead to a
  ///   socket of this machine.
  static func toOpen(_ uri: String?) throws(LibvirtFailure) -> String? {
    if let uri = uri ?? getenv("LIBVIRT_DEFAULT_URI").map({ String(cString: $0) }) {
      try checkIsHere(uri)
      return uri
    }
    // Only the system daemon assigns PCI devices. Without root, the default of the library is the
    // session daemon.
    guard geteuid() == 0 else { return "qemu:///system" }
    // Loading the library takes longer than the rest of a plan, and is useless without a daemon.
    guard sockets.contains(where: { access($0, F_OK) == 0 }) else {
      throw .unavailable("no libvirt daemon is running: /run/libvirt has no socket of a daemon")
    }
    return nil
  }

  /// Throws if the URI does not lead to a socket of this machine: the addresses in domains of
  /// another machine do not mean the functions of this one.
  static func checkIsHere(_ uri: String) throws(LibvirtFailure) {
    guard !leadsElsewhere(uri) else {
      throw .unavailable(
        "the libvirt URI \(uri) leads to another machine; pcipass changes only the machine on which it runs")
    }
    guard !runsPrograms(uri) else {
      throw .unavailable(
        "the libvirt URI \(uri) does not lead to a socket of this machine; use qemu:///system or qemu+unix:///system"
      )
    }
  }

  /// Whether the library would run a program to open the URI, as for `qemu+ext:///system?command=…`
  /// and `qemu+ssh:///system?command=…`. The URI may come from a manifest.
  static func runsPrograms(_ uri: String) -> Bool {
    let parts = divided(divided(uri, at: ":")[0], at: "+")
    return parts.count > 1 && parts[1...] != ["unix"]
  }

  /// Whether the URI names another machine, as `qemu+ssh://host/system` does and
  /// `qemu+unix:///system?socket=…` does not.
  static func leadsElsewhere(_ uri: String) -> Bool {
    guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let rest = uri.utf8[uri.utf8.index(after: colon)...]
    return rest.starts(with: "//".utf8) && !rest.dropFirst(2).starts(with: "/".utf8)
  }

  private static let sockets = [
    "libvirt-sock", "virtqemud-sock", "virtxend-sock", "virtlxcd-sock", "virtproxyd-sock",
  ].map { "/run/libvirt/" + $0 }
}

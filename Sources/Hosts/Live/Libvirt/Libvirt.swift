import CLibvirt
import Files
import Glibc
import HostModel
import Synchronization

/// libvirt of this machine. All calls use one connection, which is opened on first use, and again after its daemon was
/// restarted. Each call has a timeout. Several threads may call at once.
final class Libvirt: Sendable {
  private let uri: String?
  private let current = Mutex(Current())
  private let attempt = SingleFlight<Result<LibvirtConnection, LibvirtFailure>>()

  private struct Current {
    var connection: LibvirtConnection?
    /// Whether a daemon has answered before: one that is gone may be restarting.
    var wasOpen = false
  }

  /// How long a daemon may take to come back.
  private static let restart = Duration.seconds(30)
  /// How long opening a connection may take.
  private let opening: Duration

  /// - Parameters:
  ///   - uri: the connection URI; nil is the library's default.
  ///   - opening: how long opening a connection may take.
  init(uri: String?, opening: Duration = .seconds(15)) {
    self.uri = uri
    self.opening = opening
  }

  /// Does some work on a connection and returns its result. After a connection that broke, the work is done again on
  /// another one: it must be work that may be done twice.
  ///
  /// - Parameters:
  ///   - use: whether the work reads or changes; see `CallSlots`.
  ///   - time: how long the work may take from the moment that it has a slot.
  /// - Throws: `.error` with libvirt's error; `.unavailable` or `.lost` where the daemon does not come back within 30 s;
  ///   `.noAnswer` after `time`.
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

  /// The same, but the work is done once only: where the connection breaks meanwhile, this throws `.lost`, and the work
  /// may have been done or not.
  func askOnce<Value: Sendable>(
    _ use: CallSlots.Use, within time: Duration,
    _ work: @escaping @Sendable (LibvirtConnection) throws(LibvirtError) -> Value
  ) throws(LibvirtFailure) -> Value {
    var connection = try open()
    // Another call may have closed the connection. Nothing was asked on it yet, so the next one can be used.
    while !connection.slots.take(for: use) { connection = try open() }
    let answer = Files.within(time) { [connection] () -> Result<Value, LibvirtFailure> in
      // Also after a timeout, the slot is in use until the call returns: the daemon is still at work on it.
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

  /// Whether the failure may be that of a daemon that restarts.
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
      // Another thread may have opened one in between.
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

  /// Several calls may lose the same connection. The first one drops it; a later one must not drop the next connection.
  private func drop(_ connection: LibvirtConnection) {
    current.withLock { if $0.connection === connection { $0.connection = nil } }
    connection.slots.close()
  }
}

/// The checks of libvirt's connection URI.
enum LibvirtURI {
  /// The URI to open; nil is the library's default.
  ///
  /// - Throws: `.unavailable` where no daemon runs here, or the URI is not one of this machine.
  static func toOpen(_ uri: String?) throws(LibvirtFailure) -> String? {
    if let uri = uri ?? getenv("LIBVIRT_DEFAULT_URI").map({ String(cString: $0) }) {
      try checkIsHere(uri)
      return uri
    }
    // Only the system's daemon assigns PCI devices; the library's default would be the user's.
    guard geteuid() == 0 else { return "qemu:///system" }
    // Loading the library takes longer than the rest of a plan, and is useless without a daemon.
    guard sockets.contains(where: { access($0, F_OK) == 0 }) else {
      throw .unavailable("no libvirt daemon is running: /run/libvirt has no socket of a daemon")
    }
    return nil
  }

  /// Fails where the URI is not one of this machine: the addresses in another machine's domains are not those of this one.
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

  /// Whether libvirt's library would run a program that the URI names, as for `qemu+ext:///system?command=…` and
  /// `qemu+ssh:///system?command=…`. A manifest may name the URI.
  static func runsPrograms(_ uri: String) -> Bool {
    let parts = divided(divided(uri, at: ":")[0], at: "+")
    return parts.count > 1 && parts[1...] != ["unix"]
  }

  /// Whether the URI names another machine, as `qemu+ssh://host/system` does and `qemu+unix:///system?socket=…` does not.
  static func leadsElsewhere(_ uri: String) -> Bool {
    guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let rest = uri.utf8[uri.utf8.index(after: colon)...]
    return rest.starts(with: "//".utf8) && !rest.dropFirst(2).starts(with: "/".utf8)
  }

  private static let sockets = [
    "libvirt-sock", "virtqemud-sock", "virtxend-sock", "virtlxcd-sock", "virtproxyd-sock",
  ].map { "/run/libvirt/" + $0 }
}

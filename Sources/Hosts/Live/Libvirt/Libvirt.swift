import CLibvirt
import Glibc
import HostModel
import Synchronization

/// libvirt of this machine: asked over one connection, which is opened on first need, and again when its
/// daemon was restarted. No call waits without end. Several threads may call at once.
final class Libvirt: Sendable {
  private let uri: String?
  private let current = Mutex(Current())
  private let attempt = SingleFlight<Result<LibvirtConnection, LibvirtFailure>>()

  private struct Current {
    var connection: LibvirtConnection?
    /// Once there was a daemon; when it is gone, it may be on its way back.
    var wasOpen = false
  }

  /// How long a daemon may take to come back.
  private static let restart = Duration.seconds(30)
  /// How long it may take to greet.
  private let opening: Duration

  /// - Parameter uri: nil is the library's default.
  init(uri: String?, opening: Duration = .seconds(15)) {
    self.uri = uri
    self.opening = opening
  }

  /// What the work gives on a connection. A connection that breaks is opened again, and the work done again;
  /// so it must be one that may be done twice.
  ///
  /// - Parameters:
  ///   - use: whether the work changes something; the connection has a place for reading that no change takes.
  ///   - time: how long the work may take, from the moment on that it has a slot.
  func ask<Value: Sendable>(
    _ use: CallSlots.Use, within time: Duration,
    _ work: @escaping @Sendable (LibvirtConnection) throws(LibvirtError) -> Value
  ) throws(LibvirtFailure) -> Value {
    let end = ContinuousClock.now + Self.restart
    while true {
      do throws(LibvirtFailure) {
        return try askOnce(use, within: time, work)
      } catch {
        guard isAway(error), .now < end else { throw error }
        usleep(200_000)
      }
    }
  }

  /// The same, but a connection that breaks is a failure: the work may have been done or not.
  func askOnce<Value: Sendable>(
    _ use: CallSlots.Use, within time: Duration,
    _ work: @escaping @Sendable (LibvirtConnection) throws(LibvirtError) -> Value
  ) throws(LibvirtFailure) -> Value {
    var connection = try open()
    // Another call may give the connection up meanwhile. Nothing was asked yet, so it is asked on the next one.
    while !connection.slots.take(for: use) { connection = try open() }
    let answer = Hosts.within(time) { [connection] () -> Result<Value, LibvirtFailure> in
      // Also where the call was given up on: the daemon is at it until it returns.
      defer { connection.slots.giveBack(use) }
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

  private func isAway(_ failure: LibvirtFailure) -> Bool {
    switch failure {
    case .lost: true
    case .unavailable: current.withLock { $0.wasOpen }
    case .error, .noAnswer: false
    }
  }

  private func open() throws(LibvirtFailure) -> LibvirtConnection {
    if let connection = current.withLock({ $0.connection }) { return connection }
    let opened = attempt.run {
      // Another thread may have opened it in between.
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

  /// Several calls may lose the same connection. The first one drops it; a later one must not drop its successor.
  private func drop(_ connection: LibvirtConnection) {
    current.withLock { if $0.connection === connection { $0.connection = nil } }
    connection.slots.close()
  }
}

/// Which libvirt is asked.
enum LibvirtURI {
  /// The URI to open; nil is the library's default. Throws where there is nothing to open.
  static func toOpen(_ uri: String?) throws(LibvirtFailure) -> String? {
    if let uri = uri ?? getenv("LIBVIRT_DEFAULT_URI").map({ String(cString: $0) }) {
      try checkIsHere(uri)
      return uri
    }
    // Only the system's own daemon passes PCI devices through; the library would ask the user's.
    guard geteuid() == 0 else { return "qemu:///system" }
    // Loading the library takes longer than all the rest of a plan; without a daemon it is for nothing.
    guard sockets.contains(where: { access($0, F_OK) == 0 }) else {
      throw .unavailable("no daemon of libvirt's runs here: /run/libvirt has no socket of one")
    }
    return nil
  }

  /// The addresses in another machine's domains are not this one's.
  static func checkIsHere(_ uri: String) throws(LibvirtFailure) {
    guard !leadsElsewhere(uri) else {
      throw .unavailable(
        "libvirt's URI \(uri) leads to another machine: pcipass acts on the one that it runs on")
    }
    guard !runsPrograms(uri) else {
      throw .unavailable(
        "libvirt's URI \(uri) does not lead to a socket of this machine, as qemu:///system and qemu+unix:///system do"
      )
    }
  }

  /// `qemu+ext:///system?command=…` and `qemu+ssh:///system?command=…` have libvirt's library run what they name, and
  /// a manifest may name the URI.
  static func runsPrograms(_ uri: String) -> Bool {
    let parts = divided(divided(uri, at: ":")[0], at: "+")
    return parts.count > 1 && parts[1...] != ["unix"]
  }

  /// `qemu+ssh://host/system` does, `qemu+unix:///system?socket=…` does not.
  static func leadsElsewhere(_ uri: String) -> Bool {
    guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let rest = uri.utf8[uri.utf8.index(after: colon)...]
    return rest.starts(with: "//".utf8) && !rest.dropFirst(2).starts(with: "/".utf8)
  }

  private static let sockets = [
    "libvirt-sock", "virtqemud-sock", "virtxend-sock", "virtlxcd-sock", "virtproxyd-sock",
  ].map { "/run/libvirt/" + $0 }
}

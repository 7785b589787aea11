import Documents
import Files
import Glibc
import Synchronization
import Testing

@testable import Hosts

/// A monitor socket in its own folder, at which a script answers each client.
final class ScriptedMonitor {
  let monitor: QEMUMonitor
  private let folder: SysfsTree
  private let listener: Listener

  /// - Parameter script: run for each client in turn, the first being 0; the connection is closed after it.
  init(backlog: CInt = 1, _ script: @escaping @Sendable (Int, Peer) -> Void) throws {
    folder = try SysfsTree()
    let path = folder.root + "/qmp"
    monitor = QEMUMonitor(socket: path)
    listener = Listener(try Self.listen(at: path, backlog: backlog))
    Worker { [listener] in
      var number = 0
      while true {
        let client = accept(listener.descriptor, nil, nil)
        guard client >= 0 else { return }
        script(number, Peer(client, of: listener))
        Glibc.close(client)
        number += 1
      }
    }.leave()
  }

  deinit { end() }

  /// Acts like a killed QEMU: nothing listens, and the file of the socket stays.
  func end() { listener.end() }

  /// The descriptor is closed with its last user. If it were closed earlier, another test could
  /// have its number while a thread still accepts clients with it.
  final class Listener: Sendable {
    let descriptor: CInt

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    func end() { shutdown(descriptor, CInt(SHUT_RDWR)) }
  }

  /// Returns a socket that listens, and that accepts no connection by itself.
  static func listen(at path: String, backlog: CInt = 1, type: __socket_type = SOCK_STREAM) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(type.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(isBound == 0)
    if type == SOCK_STREAM { try #require(Glibc.listen(descriptor, backlog) == 0) }
    return descriptor
  }
}

/// A client, as the monitor sees it.
final class Peer: Sendable {
  struct Command {
    let name: String
    let arguments: Node?
    let id: Int
  }

  static let greeting =
    #"{"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}, "package": ""}, "capabilities": ["oob"]}}"#
  private let descriptor: CInt
  private let unread = Mutex<[UInt8]>([])

  private let listener: ScriptedMonitor.Listener

  init(_ descriptor: CInt, of listener: ScriptedMonitor.Listener) {
    self.descriptor = descriptor
    self.listener = listener
    var time = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array((text + "\r\n").utf8)) }

  /// Returns false if the client has disconnected.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Returns the next command of the client, or nil if the client disconnects.
  func command() -> Command? {
    guard let line = line(), let node = try? JSONReader.document(of: Source(name: "", text: line)),
      let name = node["execute"]?.string, let id = node["id"]?.integer
    else { return nil }
    return Command(name: name, arguments: node["arguments"], id: id)
  }

  private func line() -> [UInt8]? {
    while true {
      let line = unread.withLock { unread -> [UInt8]? in
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { unread.removeFirst(end + 1) }
        return Array(unread[..<end])
      }
      if let line { return line }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return nil }
      unread.withLock { $0 += bytes[..<count] }
    }
  }

  func answer(_ command: Command?, _ value: String = "{}") {
    if let command { send(#"{"return": \#(value), "id": \#(command.id)}"#) }
  }

  func refuse(_ command: Command?, _ name: String, _ message: String) {
    if let command {
      send(#"{"id": \#(command.id), "error": {"class": "\#(name)", "desc": \#(JSON.string(message).line)}}"#)
    }
  }

  /// Sends the greeting and answers the first command; QEMU accepts other commands only after that.
  func greet() {
    send(Self.greeting)
    answer(command())
  }

  /// Ends the listening, so that no other client can connect.
  func endListening() { listener.end() }

  func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  /// Waits until the client disconnects.
  func wait() { while command() != nil {} }
}

/// Returns the failure of a call that should fail.
func failure<Value>(of call: () throws(QEMUFailure) -> Value) -> QEMUFailure? {
  do throws(QEMUFailure) {
    _ = try call()
    return nil
  } catch {
    return error
  }
}

import Documents

/// A connection to a monitor, for one operation only, because a monitor serves one client at a
/// time.
struct QMPClient: ~Copyable {
  struct QMPCommand {
    let name: String
    let arguments: [JSON.Member]

    init(_ name: String, _ arguments: [JSON.Member] = []) {
      self.name = name
      self.arguments = arguments
    }
  }

  /// An event of a device.
  struct QMPEvent {
    let name: String
    let data: Node
  }

  let version: QMPMessage.QEMUVersion
  private let socket: MonitorSocket
  private var stream: QMPStream
  private var lastID = 0
  private var waiting: Set<Int> = []
  private var answers: [Int: Result<Node, QMPError>] = [:]
  private var events: [QMPEvent] = []

  /// The events that are kept. Other events, for example of clocks and block devices, are ignored.
  private static let kept: Set<String> = ["DEVICE_DELETED", "DEVICE_UNPLUG_GUEST_ERROR"]
  private static let mostEvents = 1024

  /// The id of the process that owns the monitor.
  var process: CInt { socket.process }

  private init(_ version: QMPMessage.QEMUVersion, _ socket: consuming MonitorSocket, _ stream: QMPStream) {
    self.version = version
    self.socket = socket
    self.stream = stream
  }

  /// Connects, and waits for the greeting.
  ///
  /// - Throws: `.notRunning` if no process listens; `.noGreeting` if no greeting arrives in time.
  static func connect(to monitor: QEMUMonitor, greeting: Duration) throws(QEMUFailure) -> QMPClient {
    let end = ContinuousClock.now + greeting
    let socket = try MonitorSocket(to: monitor, until: end)
    var stream = QMPStream()
    guard let message = try Self.message(socket, &stream, until: end) else {
      throw .noGreeting(after: greeting)
    }
    guard case .greeting(let version) = message else { throw .notQMP("it does not start with a greeting") }
    var client = QMPClient(version, socket, stream)
    // QEMU accepts other commands only after this one.
    _ = try client.ask(QMPCommand("qmp_capabilities"), within: greeting)
    return client
  }

  /// Sends a command and returns its result.
  ///
  /// - Parameter time: the time for the answer of QEMU.
  /// - Throws: `.error` with QEMU's error; `.noAnswer` after `time`.
  mutating func ask(_ command: QMPCommand, within time: Duration) throws(QEMUFailure) -> Node {
    let answer = try ask([command], within: time)[0]
    do throws(QMPError) { return try answer.get() } catch { throw .error(error) }
  }

  /// Sends several commands at once and returns the result of each.
  ///
  /// - Parameter time: the time for all answers of QEMU.
  mutating func ask(
    _ commands: [QMPCommand], within time: Duration
  ) throws(QEMUFailure) -> [Result<Node, QMPError>] {
    let end = ContinuousClock.now + time
    let first = lastID + 1
    lastID += commands.count
    let ids = first..<(lastID + 1)
    var text = ""
    for (id, command) in zip(ids, commands) {
      let members = [
        JSON.Member("execute", .string(command.name)), JSON.Member("arguments", .object(command.arguments)),
        JSON.Member("id", .integer(id)),
      ]
      text += JSON.object(members).line + "\n"
    }
    waiting.formUnion(ids)
    guard try socket.send(Array(text.utf8), until: end) else { throw .noAnswer(after: time) }
    while !waiting.isEmpty {
      guard let message = try Self.message(socket, &stream, until: end) else { throw .noAnswer(after: time) }
      try handle(message)
    }
    defer { answers = [:] }
    return ids.compactMap { answers[$0] }
  }

  /// The next event; nil if none has arrived at `end`.
  mutating func event(until end: ContinuousClock.Instant) throws(QEMUFailure) -> QMPEvent? {
    while events.isEmpty {
      guard let message = try Self.message(socket, &stream, until: end) else { return nil }
      try handle(message)
    }
    return events.removeFirst()
  }

  private mutating func handle(_ message: QMPMessage) throws(QEMUFailure) {
    switch message {
    case .answer(let id, let value): try record(id, .success(value))
    case .error(let id?, let error): try record(id, .failure(error))
    case .error(nil, let error): throw .notQMP("it cannot read a command (\(error))")
    case .event(let name, let data):
      guard Self.kept.contains(name) else { return }
      guard events.count < Self.mostEvents else {
        throw .notQMP("more than \(Self.mostEvents) events at once")
      }
      events.append(QMPEvent(name: name, data: data))
    case .greeting: throw .notQMP("a second greeting")
    }
  }

  private mutating func record(_ id: Int, _ answer: Result<Node, QMPError>) throws(QEMUFailure) {
    guard waiting.remove(id) != nil else { throw .notQMP("an answer without a command (id \(id))") }
    answers[id] = answer
  }

  /// The next message; nil if none is complete at `end`, however much the monitor sends.
  private static func message(
    _ socket: borrowing MonitorSocket, _ stream: inout QMPStream, until end: ContinuousClock.Instant
  ) throws(QEMUFailure) -> QMPMessage? {
    while ContinuousClock.now < end {
      if let message = try stream.next() { return message }
      guard let bytes = try socket.receive(until: end) else { return nil }
      stream.append(bytes)
    }
    return nil
  }
}

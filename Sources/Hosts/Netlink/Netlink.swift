import Documents
import Files
import Glibc
import SystemPackage

/// Asks the kernel over netlink(7) in a network namespace, through a helper.
struct Netlink: Sendable {
  let helper: KernelHelper
  /// Nil is the own one.
  var namespace: NamespaceFile?
  /// How long each piece of an answer may take.
  var deadline = Duration.seconds(10)

  /// Of `linux/netlink.h`.
  enum `Protocol` {
    static let route: CInt = 0
    static let socketDiagnosis: CInt = 4
  }

  enum Failure: Error {
    /// The kernel has answered, with an error.
    case refused(NetlinkError)
    /// There is no answer: the namespace cannot be entered, the helper is gone.
    case unreached(HelperFailure)
    case senseless
    /// It changed each time while it was told.
    case restless
  }

  private static let tries = 5

  /// Asks for all that there is of something.
  ///
  /// - Parameter read: takes what it needs of a message; nil where that is nothing. It throws where a message makes no
  ///   sense.
  func dump<Entry>(
    _ kind: UInt16, _ content: [UInt8], of protocol: CInt = Protocol.route,
    _ read: (NetlinkMessage) throws(Failure) -> Entry?
  ) throws(Failure) -> [Entry] {
    try fold(kind, content, of: `protocol`, into: []) { entries, message throws(Failure) in
      if let entry = try read(message) { entries.append(entry) }
    }
  }

  /// The same for what may be too much to be kept.
  ///
  /// - Parameter isStrict: whether attributes choose what is told, where the kernel can choose.
  func fold<Result>(
    _ kind: UInt16, _ content: [UInt8], of protocol: CInt = Protocol.route, isStrict: Bool = false,
    into initial: Result, _ add: (inout Result, NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    let message = NetlinkMessage.request(kind, NetlinkMessage.Flags.dump, content)
    let question = question(
      .netlink(protocol: `protocol`, message: message, isStrict: isStrict))
    for _ in 0..<Self.tries {
      var (result, isInterrupted) = (initial, false)
      try ask(question) { message throws(Failure) in
        if message.flags & NetlinkMessage.Flags.interrupted != 0 { isInterrupted = true }
        try add(&result, message)
      }
      if !isInterrupted { return result }
    }
    throw .restless
  }

  /// Asks for one thing.
  ///
  /// - Parameter other: another namespace, and where in the content its descriptor belongs.
  func get<Entry>(
    _ kind: UInt16, _ content: [UInt8], other: (NamespaceFile, offset: Int)? = nil,
    _ read: (NetlinkMessage) throws(Failure) -> Entry?
  ) throws(Failure) -> Entry? {
    let message = NetlinkMessage.request(kind, 0, content)
    var question = question(.netlink(protocol: Protocol.route, message: message, isStrict: false))
    question.other = other.map { ($0.0, NetlinkMessage.headerLength + $0.offset) }
    var entry: Entry?
    try ask(question) { message throws(Failure) in
      if entry == nil { entry = try read(message) }
    }
    return entry
  }

  /// Has something done; it is done when this returns.
  func change(_ kind: UInt16, _ content: [UInt8]) throws(Failure) {
    let message = NetlinkMessage.request(kind, NetlinkMessage.Flags.acknowledge, content)
    try ask(question(.netlink(protocol: Protocol.route, message: message, isStrict: false))) { _ in }
  }

  private func question(_ subject: HelperQuestion.Subject) -> HelperQuestion {
    HelperQuestion(subject: subject, namespace: namespace)
  }

  private func ask(
    _ question: HelperQuestion, _ visit: (NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    do {
      try helper.ask(question, within: deadline) { datagram in
        do throws(Failure) { try Self.visit(datagram, visit) } catch { failure = failure ?? error }
      }
    } catch { throw .unreached(error) }
    if let failure { throw failure }
  }

  private static func visit(
    _ datagram: Bytes, _ visit: (NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    guard let messages = NetlinkMessage.all(in: datagram) else { throw .senseless }
    for message in messages {
      if let error = message.error {
        if error.errno.rawValue != 0 { throw .refused(error) }
      } else if message.kind == NetlinkMessage.Kind.done {
        // A dump that fails in the middle ends with its error.
        if let number: Int32 = message.content.number(at: 0), number < 0 {
          throw .refused(NetlinkError(errno: Errno(rawValue: 0 &- number)))
        }
      } else {
        try visit(message)
      }
    }
  }

  /// A file of `/proc/net`, line by line. One that is not there has none: its module is not loaded.
  func lines(of file: String, _ visit: (Bytes) -> Void) throws(Failure) {
    var rest: [UInt8] = []
    do {
      try helper.ask(question(.file("/proc/self/net/" + file)), within: deadline) { piece in
        rest += piece
        let end = (rest.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        rest[..<end].withUnsafeBufferPointer { whole in
          var whole = whole
          while !whole.isEmpty { visit(Bytes.cut(&whole, at: UInt8(ascii: "\n"))) }
        }
        rest.removeFirst(end)
      }
    } catch {
      let failure = Failure.unreached(error)
      if failure.isGone { return }
      throw failure
    }
    rest.withUnsafeBufferPointer { if !$0.isEmpty { visit($0) } }
  }
}

extension Netlink.Failure: CustomStringConvertible {
  var description: String {
    switch self {
    case .refused(let error): "\(error)"
    case .unreached(.failed(let error)): "\(error)"
    case .unreached(.late): "no answer in time"
    case .unreached(.died(let error)): "no process to ask with: \(error)"
    case .senseless: "an answer that makes no sense"
    case .restless: "it changes all the time"
    }
  }

  /// The helper may still be at work.
  var isLate: Bool { if case .unreached(.late) = self { true } else { false } }

  /// The namespace, or the file in it, is not there: its processes have ended, and their numbers may be others' by now.
  var isGone: Bool {
    guard case .unreached(.failed(let error)) = self else { return false }
    return error == .noSuchFileOrDirectory || error == .staleNFSFileHandle || error == .noSuchProcess
  }
}

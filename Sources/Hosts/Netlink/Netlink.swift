import Documents
import Files
import Glibc
import SystemPackage

/// Sends netlink(7) requests in a network namespace, through a helper process.
struct Netlink: Sendable {
  let helper: KernelHelper
  /// The network namespace; nil for that of pcipass itself.
  var namespace: NamespaceFile?
  /// The time for each piece of an answer.
  var deadline = Duration.seconds(10)

  /// NETLINK_ROUTE and NETLINK_SOCK_DIAG of `linux/netlink.h`.
  enum Family {
    static let route: CInt = 0
    static let socketDiagnosis: CInt = 4
  }

  /// The reason why a request has no usable answer.
  enum Failure: Error {
    /// The kernel answered with an error.
    case refused(NetlinkError)
    /// The kernel did not answer: the namespace cannot be entered, or the helper process failed.
    case helperFailed(HelperError)
    /// The answer cannot be decoded.
    case malformed
    /// Each attempt at a dump was interrupted by a change (NLM_F_DUMP_INTR).
    case inconsistent
  }

  /// The number of attempts at a dump.
  private static let tries = 5

  /// Sends a dump request (NLM_F_DUMP) and collects the entries of the answer.
  ///
  /// - Parameter read: decodes one message; nil leaves it out. It throws `.malformed` if the message cannot
  ///   be decoded.
  /// - Throws: `Failure`, also that of `read`.
  func dump<Entry>(
    _ kind: UInt16, _ content: [UInt8], of protocol: CInt = Family.route,
    _ read: (NetlinkMessage) throws(Failure) -> Entry?
  ) throws(Failure) -> [Entry] {
    try fold(kind, content, of: `protocol`, into: []) { entries, message throws(Failure) in
      if let entry = try read(message) { entries.append(entry) }
    }
  }

  /// Sends a dump request and folds the messages of the answer into a value, for dumps that are too large to
  /// keep. An interrupted dump is repeated, up to five times, from the initial value.
  ///
  /// - Parameter isStrict: whether the kernel filters the dump by the attributes in `content`
  ///   (NETLINK_GET_STRICT_CHK, Linux 4.20). Older kernels fail with
  ///   `.helperFailed(.failed(.protocolNotAvailable))`.
  func fold<Result>(
    _ kind: UInt16, _ content: [UInt8], of protocol: CInt = Family.route, isStrict: Bool = false,
    into initial: Result, _ add: (inout Result, NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) -> Result {
    let message = NetlinkMessage.request(kind, NetlinkMessage.MessageFlags.dump, content)
    let question = question(
      .netlink(protocol: `protocol`, message: message, isStrict: isStrict))
    for _ in 0..<Self.tries {
      var (result, isInterrupted) = (initial, false)
      try ask(question) { message throws(Failure) in
        if message.flags & NetlinkMessage.MessageFlags.interrupted != 0 { isInterrupted = true }
        try add(&result, message)
      }
      if !isInterrupted { return result }
    }
    throw .inconsistent
  }

  /// Sends a request for one object.
  ///
  /// - Parameter other: a second namespace, and the offset in `content` at which its descriptor is written.
  /// - Returns: the first entry that `read` decodes; nil if there is none.
  func get<Entry>(
    _ kind: UInt16, _ content: [UInt8], other: (NamespaceFile, offset: Int)? = nil,
    _ read: (NetlinkMessage) throws(Failure) -> Entry?
  ) throws(Failure) -> Entry? {
    let message = NetlinkMessage.request(kind, 0, content)
    var question = question(.netlink(protocol: Family.route, message: message, isStrict: false))
    question.other = other.map { ($0.0, NetlinkMessage.headerLength + $0.offset) }
    var entry: Entry?
    try ask(question) { message throws(Failure) in
      if entry == nil { entry = try read(message) }
    }
    return entry
  }

  /// Sends a request that changes something, and waits until the kernel has acknowledged it (NLM_F_ACK).
  func change(_ kind: UInt16, _ content: [UInt8]) throws(Failure) {
    let message = NetlinkMessage.request(kind, NetlinkMessage.MessageFlags.acknowledge, content)
    try ask(question(.netlink(protocol: Family.route, message: message, isStrict: false))) { _ in }
  }

  private func question(_ subject: HelperRequest.Query) -> HelperRequest {
    HelperRequest(subject: subject, namespace: namespace)
  }

  private func ask(
    _ question: HelperRequest, _ visit: (NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    do {
      try helper.ask(question, within: deadline) { datagram in
        do throws(Failure) { try Self.visit(datagram, visit) } catch { failure = failure ?? error }
      }
    } catch { throw .helperFailed(error) }
    if let failure { throw failure }
  }

  private static func visit(
    _ datagram: Bytes, _ visit: (NetlinkMessage) throws(Failure) -> Void
  ) throws(Failure) {
    guard let messages = NetlinkMessage.all(in: datagram) else { throw .malformed }
    for message in messages {
      if let error = message.error {
        if error.errno.rawValue != 0 { throw .refused(error) }
      } else if message.kind == NetlinkMessage.MessageType.done {
        // A dump that fails in the middle ends with NLMSG_DONE, which contains the error.
        if let number: Int32 = message.content.number(at: 0), number < 0 {
          throw .refused(NetlinkError(errno: Errno(rawValue: 0 &- number)))
        }
      } else {
        try visit(message)
      }
    }
  }

  /// Calls `visit` with each line of a file of `/proc/net` of the namespace. A file that does not exist has
  /// no lines: its kernel module is not loaded.
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
      let failure = Failure.helperFailed(error)
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
    case .helperFailed(.failed(let error)): "\(error)"
    case .helperFailed(.timedOut): "the kernel did not answer in time"
    case .helperFailed(.died(let error)): "the helper process failed: \(error)"
    case .malformed: "the kernel sent a malformed answer"
    case .inconsistent: "the data kept changing while it was read"
    }
  }

  /// Whether the helper process may still be working on the request.
  var isTimeout: Bool { if case .helperFailed(.timedOut) = self { true } else { false } }

  /// Whether the namespace, or the file in it, does not exist any more. The processes in the namespace have
  /// ended, and their ids may belong to other processes by now.
  var isGone: Bool {
    guard case .helperFailed(.failed(let error)) = self else { return false }
    return error == .noSuchFileOrDirectory || error == .staleNFSFileHandle || error == .noSuchProcess
  }
}

import Glibc
import SystemPackage

extension Source {
  /// The whole text of a file, or of standard input for `-`. Never more than the limit is read, whatever
  /// the file claims to be; a FIFO that nobody writes to is empty.
  public static func file(_ path: String, limits: Limits = Limits()) throws(Diagnostic) -> Source {
    if path == "-" { return try Source(of: .standardInput, name: "<stdin>", limits: limits) }
    let descriptor: FileDescriptor
    do {
      // Not waiting until there is a writer, should it be a FIFO.
      descriptor = try FileDescriptor.open(
        FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
    } catch {
      throw unreadable(path, error)
    }
    defer { try? descriptor.close() }
    return try Source(of: descriptor, name: path, limits: limits)
  }

  /// The same of one that is open.
  public convenience init(of descriptor: FileDescriptor, name: String, limits: Limits) throws(Diagnostic) {
    let text: [UInt8]
    do { text = try Self.bytes(of: descriptor, atMost: limits.bytes + 1) } catch {
      throw Self.unreadable(name, error)
    }
    self.init(name: name, text: text)
  }

  private static func unreadable(_ name: String, _ error: any Error) -> Diagnostic {
    let reason = (error as? Errno).map { ": \($0.description)" } ?? ""
    return Diagnostic(code: "unreadable", "\(name) cannot be read\(reason)")
  }

  private static func bytes(of descriptor: FileDescriptor, atMost limit: Int) throws -> [UInt8] {
    let end = (try? descriptor.seek(offset: 0, from: .end)) ?? 0
    if end > 0 { try descriptor.seek(offset: 0, from: .start) }
    var result: [UInt8] = []
    // A folder says that it ends at the largest number there is.
    var chunk = min(max(Int(end), 4095), limit - 1) + 1
    while result.count < limit {
      let wanted = min(chunk, limit - result.count)
      let piece = try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try readWaiting(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
      }
      if piece.isEmpty { break }
      if result.isEmpty { result = piece } else { result += piece }
      chunk = 1 << 16
    }
    return result
  }

  /// Waits for a writer that is there but slow, as that of `<(ssh hv01 pcipass snapshot)` is.
  private static func readWaiting(
    _ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    while true {
      do {
        return try descriptor.read(into: buffer)
      } catch Errno.resourceTemporarilyUnavailable {
        var request = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        _ = poll(&request, 1, -1)
      }
    }
  }
}

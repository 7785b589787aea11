import Glibc
import SystemPackage

extension Source {
  /// The whole text of a file, or of standard input for `-`. Never more than the limit is read, whatever
  /// the file claims to be; a FIFO that nobody writes to is empty.
  public static func file(_ path: String, limits: Limits = Limits()) throws(Diagnostic) -> Source {
    let isStandardInput = path == "-"
    do {
      let descriptor =
        isStandardInput
        ? FileDescriptor.standardInput
        // Not waiting until there is a writer, should it be a FIFO.
        : try FileDescriptor.open(FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
      defer { if !isStandardInput { try? descriptor.close() } }
      return Source(
        name: isStandardInput ? "<stdin>" : path, text: try bytes(of: descriptor, atMost: limits.bytes + 1))
    } catch let errno as Errno {
      throw Diagnostic(code: "unreadable", "\(path) cannot be read: \(errno.description)")
    } catch {
      throw Diagnostic(code: "unreadable", "\(path) cannot be read")
    }
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

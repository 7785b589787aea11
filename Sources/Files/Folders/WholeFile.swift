import Glibc
import SystemPackage

/// The bytes of a file, of any kind, at most so many: a folder or a device may claim any size. A FIFO that has no writer is
/// empty.
public func readFile(at path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
  do throws(Errno) {
    return try OpenFile(adopting: retrying { open(path, OpenFlags.file) }).bytes(
      atMost: limit, isWaiting: true)
  } catch {
    throw FileError(path, error)
  }
}

/// The same of standard input.
public func readStandardInput(atMost limit: Int) throws(Errno) -> [UInt8] {
  try bytes(of: STDIN_FILENO, atMost: limit, isWaiting: true)
}

extension OpenFile {
  /// All of it, or an error where there is more than the limit.
  public borrowing func contents(upTo limit: Int) throws(Errno) -> [UInt8] {
    let bytes = try bytes(atMost: limit + 1, isWaiting: false)
    guard bytes.count <= limit else { throw .fileTooLarge }
    return bytes
  }

  /// The first bytes, at most so many.
  ///
  /// - Parameter isWaiting: whether a FIFO's writer that is there but slow, as that of `<(ssh hv01 pcipass snapshot)` is, is
  ///   waited for; it is an error where not.
  borrowing func bytes(atMost limit: Int, isWaiting: Bool) throws(Errno) -> [UInt8] {
    try Files.bytes(of: descriptor, atMost: limit, isWaiting: isWaiting)
  }
}

private func bytes(of descriptor: CInt, atMost limit: Int, isWaiting: Bool) throws(Errno) -> [UInt8] {
  let end = lseek(descriptor, 0, SEEK_END)
  if end > 0 { try retrying { lseek(descriptor, 0, SEEK_SET) } }
  var result: [UInt8] = []
  // A folder says that it ends at the largest number there is.
  var wanted = min(max(Int(end), 4095), limit - 1) + 1
  while result.count < limit {
    wanted = min(wanted, limit - result.count)
    let piece = try piece(of: descriptor, wanted, isWaiting: isWaiting)
    if piece.isEmpty { break }
    if result.isEmpty { result = piece } else { result += piece }
    wanted = 1 << 16
  }
  return result
}

private func piece(of descriptor: CInt, _ wanted: Int, isWaiting: Bool) throws(Errno) -> [UInt8] {
  while true {
    var failure: Errno?
    let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      do throws(Errno) { count = try retrying { read(descriptor, buffer.baseAddress, wanted) } } catch {
        failure = error
      }
    }
    guard let failure else { return piece }
    guard isWaiting, failure == .resourceTemporarilyUnavailable else { throw failure }
    _ = try isReady(descriptor, for: POLLIN)
  }
}

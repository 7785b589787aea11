import Glibc
import SystemPackage

/// The first bytes of a file of any kind, at most `limit`, because a folder or a device may report
/// any size. A FIFO without a writer is empty.
public func readFile(at path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
  do throws(Errno) {
    return try OpenFile(adopting: retrying { open(path, OpenFlags.file) }).bytes(
      atMost: limit, isWaiting: true)
  } catch {
    throw FileError(path, error)
  }
}

/// The first bytes of standard input, at most `limit`.
public func readStandardInput(atMost limit: Int) throws(Errno) -> [UInt8] {
  try bytes(of: STDIN_FILENO, atMost: limit, isWaiting: true)
}

extension OpenFile {
  /// All bytes of the file; an error if there are more than the limit.
  public borrowing func contents(upTo limit: Int) throws(Errno) -> [UInt8] {
    let bytes = try bytes(atMost: limit + 1, isWaiting: false)
    guard bytes.count <= limit else { throw .fileTooLarge }
    return bytes
  }

  /// The first bytes of the file, at most `limit`.
  ///
  /// - Parameter isWaiting: whether to wait for a slow writer of a FIFO, such as `<(ssh hv01
  ///   pcipass snapshot)`. If false, a FIFO without data is an error.
  borrowing func bytes(atMost limit: Int, isWaiting: Bool) throws(Errno) -> [UInt8] {
    try Files.bytes(of: descriptor, atMost: limit, isWaiting: isWaiting)
  }
}

private func bytes(of descriptor: CInt, atMost limit: Int, isWaiting: Bool) throws(Errno) -> [UInt8] {
  let end = lseek(descriptor, 0, SEEK_END)
  if end > 0 { try retrying { lseek(descriptor, 0, SEEK_SET) } }
  var result: [UInt8] = []
  // For a folder, lseek(2) returns the largest possible number.
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

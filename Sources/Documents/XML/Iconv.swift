import Glibc

/// glibc's converter from one encoding into another.
struct Iconv: ~Copyable {
  struct Conversion {
    var bytes: [UInt8]
    /// How many bytes were read; what follows them has no meaning, or no counterpart in the other encoding.
    var read: Int
    /// Whether all was read, and nothing replaced by something that is merely like it.
    var isExact: Bool
  }

  private let descriptor: iconv_t

  /// Nil where glibc does not know one of the two.
  init?(from: String, to: String) {
    guard let descriptor = iconv_open(to, from), descriptor != iconv_t(bitPattern: -1) else { return nil }
    self.descriptor = descriptor
  }

  deinit { iconv_close(descriptor) }

  func convert(_ bytes: [UInt8]) -> Conversion {
    // Its first state, should it not be the first conversion.
    iconv(descriptor, nil, nil, nil, nil)
    var result = Conversion(bytes: [], read: 0, isExact: true)
    result.bytes.reserveCapacity(bytes.count)
    // iconv only reads the bytes; the parameter is not const for historical reasons.
    var input = bytes.map(CChar.init(bitPattern:))
    input.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      var rest = buffer.count
      let isWhole = step(&start, &rest, &result) && step(nil, nil, &result)
      result.read = buffer.count - rest
      if !isWhole { result.isExact = false }
    }
    return result
  }

  /// Converts until all is read, or until something cannot be; false then.
  private func step(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ rest: UnsafeMutablePointer<Int>?,
    _ result: inout Conversion
  ) -> Bool {
    while true {
      var status = 0
      var code: CInt = 0
      let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
        buffer.withMemoryRebound(to: CChar.self) { buffer in
          var output = buffer.baseAddress
          var room = buffer.count
          status = iconv(descriptor, start, rest, &output, &room)
          code = errno
          count = buffer.count - room
        }
      }
      result.bytes += piece
      // Otherwise the number of characters that were replaced.
      if status > 0 { result.isExact = false }
      if status >= 0 { return true }
      guard code == E2BIG, !piece.isEmpty else { return false }
    }
  }
}

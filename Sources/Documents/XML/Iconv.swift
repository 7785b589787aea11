import Glibc

/// A converter between two encodings (iconv(3) of glibc).
struct Iconv: ~Copyable {
  struct Conversion {
    var bytes: [UInt8]
    /// The number of bytes that were read. The bytes after them are invalid or have no counterpart in the
    /// other encoding.
    var read: Int
    /// Whether the whole text was converted and no character was replaced by a similar one.
    var isExact: Bool
  }

  private let descriptor: iconv_t

  /// Nil where glibc does not support one of the encodings.
  init?(from: String, to: String) {
    guard let descriptor = iconv_open(to, from), descriptor != iconv_t(bitPattern: -1) else { return nil }
    self.descriptor = descriptor
  }

  deinit { iconv_close(descriptor) }

  func convert(_ bytes: [UInt8]) -> Conversion {
    // This resets the conversion state that a previous conversion left.
    iconv(descriptor, nil, nil, nil, nil)
    var result = Conversion(bytes: [], read: 0, isExact: true)
    result.bytes.reserveCapacity(bytes.count)
    // iconv(3) only reads the input, although its parameter is not const.
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

  /// Converts until the input ends. Returns false where a character cannot be converted.
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
      // A positive result is the number of characters that were replaced.
      if status > 0 { result.isExact = false }
      if status >= 0 { return true }
      guard code == E2BIG, !piece.isEmpty else { return false }
    }
  }
}

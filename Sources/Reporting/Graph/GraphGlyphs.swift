/// A size of text in a picture, with a width that no common font exceeds.
enum GraphFont {
  case host, title, detail

  /// The width of an ASCII character in pixels. The fixed-width fonts that the picture requests
  /// need 0.6 em.
  var character: Int {
    switch self {
    case .host: 11
    case .title: 8
    case .detail: 7
    }
  }

  /// The distance between two lines.
  var line: Int { self == .title ? 17 : 15 }

  func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + Self.cells($1) } * character }

  /// The width that a scalar needs, in characters. A scalar that a fixed-width font may lack is
  /// drawn with another font, and may be as wide as it is high.
  private static func cells(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    // Combining marks need no width, but a font may show them separately.
    case 0...0x52F: 1
    // A ligature of a whole sentence, and cuneiform.
    case 0xFDFD: 12
    case 0x12000...0x1254F: 4
    default: 2
    }
  }
}

extension TextWrap {
  /// Wraps the lines of a picture. A word that is longer than a line is broken, because no text of
  /// a picture is cut.
  init(pixels: Int, _ font: GraphFont) {
    self.init(width: pixels, breaksWords: true, measure: font.width)
  }
}

/// The colours of guests, one for each scheme of the page. Neighbours differ in hue and in lightness, so that
/// readers who see fewer colours can tell them apart. Each has a contrast of at least 3:1 to its page (WCAG
/// 2.2, success criterion 1.4.11).
enum GraphPalette {
  static let colors: [(light: String, dark: String)] = [
    ("#0067a5", "#56b4e9"), ("#c04a00", "#ff9a52"), ("#00735a", "#2fd0a2"), ("#8a3795", "#de93e3"),
    ("#826000", "#e8bd1a"), ("#2a3f96", "#93a9ff"), ("#c2185b", "#ff80b3"), ("#007d87", "#4fd9e3"),
    ("#5c6b00", "#c3d344"), ("#4b5768", "#b9c4d4"), ("#8c2d19", "#ec8a72"), ("#1f7fd1", "#a3d5ff"),
    ("#2f5f20", "#8bd672"), ("#6545d6", "#bda8ff"), ("#9c5127", "#dba67a"), ("#33383f", "#f0f3f6"),
  ]

  /// The name of the class of the colour. After the last colour they repeat.
  static func name(_ index: Int) -> String { "c\(index % colors.count)" }

  static let light = "#ffffff"
  static let dark = "#0d1117"
}

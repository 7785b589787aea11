/// The part of a document that a text is written into.
public enum XMLContext: Sendable { case attribute, characterData }

/// The text with all characters escaped that XML would read as something else. An attribute value can be put
/// into quotes of either kind.
///
/// - Returns: nil where the text has a character that XML cannot represent.
public func xmlEscaped(_ text: String, for use: XMLContext) -> String? {
  var result = ""
  for scalar in text.unicodeScalars {
    guard scalar.isInXML else { return nil }
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\r": result += "&#13;"
    case "\"" where use == .attribute: result += "&quot;"
    case "'" where use == .attribute: result += "&apos;"
    // A reader turns an unescaped line end or tab in an attribute into a space (XML 1.0, section 3.3.3).
    case "\n" where use == .attribute: result += "&#10;"
    case "\t" where use == .attribute: result += "&#9;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

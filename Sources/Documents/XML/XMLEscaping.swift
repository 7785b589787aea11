/// Where in a document a text is to stand.
public enum XMLUse: Sendable { case attribute, characterData }

/// The text as it must be written so that it is read as it is; nil where it holds a character that XML
/// cannot. An attribute's value may then stand in quotes of either kind.
public func xmlEscaped(_ text: String, for use: XMLUse) -> String? {
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
    // Plain, they would be read as spaces.
    case "\n" where use == .attribute: result += "&#10;"
    case "\t" where use == .attribute: result += "&#9;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A reader of external input, with properties that must hold for any bytes.
public enum FuzzedReader: String, CaseIterable, Sendable {
  case yaml
  case xml
  case json
  case qmp
  case journal
  case netlink

  /// Throws where a property does not hold. The input may be refused.
  public func check(_ bytes: [UInt8]) throws(Broken) {
    switch self {
    case .yaml: try checkYAML(bytes)
    case .xml: try checkXML(bytes)
    case .json: try checkJSON(bytes)
    case .qmp: try checkQMP(bytes)
    case .journal: try checkJournal(bytes)
    case .netlink: try checkNetlink(bytes)
    }
  }
}

/// A property that does not hold.
public struct Broken: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless the condition holds, as `#require` of Swift Testing does in a test.
func expect(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Broken) {
  guard condition else { throw Broken(otherwise()) }
}

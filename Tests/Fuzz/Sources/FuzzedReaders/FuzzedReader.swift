/// A reader of what comes from outside, with what must hold whichever bytes come.
public enum FuzzedReader: String, CaseIterable, Sendable {
  case yaml
  case xml
  case json
  case qmp
  case journal
  case netlink

  /// Throws where something does not hold that must. A refusal is none of that.
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

/// What did not hold.
public struct Broken: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// As `require` of Swift Testing, for who is not in a test.
func expect(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Broken) {
  guard condition else { throw Broken(otherwise()) }
}

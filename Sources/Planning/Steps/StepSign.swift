import Documents

/// What a step does to the host, with the sign that every output shows.
public enum StepSign: String, CaseIterable, Sendable {
  case adds = "+"
  case removes = "-"
  case changes = "~"
  /// Removes first and adds afterwards.
  case replaces = "-/+"
}

extension Step {
  /// The sign follows from the action, except where the step is one half of a replacement.
  public var sign: StepSign {
    if case .edit = action { return .changes }
    return [.replaced, .adopted].contains(reason) ? .replaces : action.kind.sign
  }
}

/// The numbers of steps that add, change and remove something.
public struct StepCounts: Sendable, Equatable {
  public var add = 0
  public var change = 0
  public var remove = 0

  /// Counts the steps by their signs. A step that removes and adds again counts as a change.
  public init(_ steps: [Step]) {
    for step in steps {
      switch step.sign {
      case .adds: add += 1
      case .removes: remove += 1
      case .changes, .replaces: change += 1
      }
    }
  }
}

extension StepCounts {
  private static let number = Form<Int>.integer(0...Int.max)

  /// The numbers are made from the steps, never from a document.
  static let form = Form<StepCounts>.record(
    "StepCounts", "The numbers of steps by their signs.",
    Field("add", \.add, number, "The steps that add something."),
    Field("change", \.change, number, "The steps that change something, or remove it and add it again."),
    Field("remove", \.remove, number, "The steps that remove something."),
    make: { _, _, _ in StepCounts([]) })
}

extension Form {
  /// The form of a value that follows from others. It is written for programs. When it is read it is ignored,
  /// so that a document cannot contradict itself.
  var derived: Form<Value?> {
    Form<Value?>(
      schema: schema, decode: { _, _ in .some(nil) }, encode: { [encode] in $0.map(encode) ?? .null })
  }
}

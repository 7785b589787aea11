import Documents

/// A command as it is declared to the parser of command lines, for all that is made from that besides parsing.
public struct CommandDeclaration: Sendable {
  public struct Argument: Sendable {
    public enum Kind: String, Sendable { case positional, option, flag }

    public let kind: Kind
    /// `--yes`, `-y`; none of what is told by its place.
    public let names: [String]
    public let valueName: String
    public let help: String
    public let defaultValue: String?
    public let values: [String]
    public let isOptional: Bool
    public let isRepeating: Bool
    public let isShown: Bool
  }

  public let name: String
  let abstract: String
  public let discussion: Discussion
  let isShown: Bool
  public let arguments: [Argument]
  public let subcommands: [CommandDeclaration]

  /// - Parameter dump: what the parser prints for `--experimental-dump-help`; nil where it is none.
  public init?(dump: String) {
    let source = Source(name: "the declarations", text: dump)
    guard let node = try? JSONReader.document(of: source), let command = node["command"] else { return nil }
    self.init(command)
  }

  private init?(_ node: Node) {
    guard let name = node["commandName"]?.text else { return nil }
    self.name = name
    abstract = node["abstract"]?.text ?? ""
    discussion = Discussion(node["discussion"]?.text ?? "")
    isShown = node["shouldDisplay"]?.text == "true"
    arguments = (node["arguments"]?.items ?? []).compactMap(Argument.init)
    subcommands = (node["subcommands"]?.items ?? []).compactMap(CommandDeclaration.init)
  }

  public subscript(name: String) -> CommandDeclaration? { subcommands.first { $0.name == name } }

  /// Those that are listed, without the parser's own.
  public var shownCommands: [CommandDeclaration] { subcommands.filter { $0.isShown && $0.name != "help" } }
}

extension CommandDeclaration.Argument {
  fileprivate init?(_ node: Node) {
    guard let kind = node["kind"]?.text.flatMap(Kind.init) else { return nil }
    self.kind = kind
    names = (node["names"]?.items ?? []).compactMap { name in
      guard let text = name["name"]?.text else { return nil }
      return (name["kind"]?.text == "long" ? "--" : "-") + text
    }
    valueName = node["valueName"]?.text ?? ""
    help = node["abstract"]?.text ?? ""
    defaultValue = node["defaultValue"]?.text
    values = (node["allValues"]?.items ?? []).compactMap(\.text)
    isOptional = node["isOptional"]?.text == "true"
    isRepeating = node["isRepeating"]?.text == "true"
    isShown = node["shouldDisplay"]?.text == "true"
  }
}

extension Node {
  fileprivate var text: String? { if case .scalar(let scalar) = content { scalar.text } else { nil } }
  fileprivate var items: [Node]? { if case .sequence(let items) = content { items } else { nil } }
}

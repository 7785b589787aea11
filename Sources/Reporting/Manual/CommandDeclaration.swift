import Documents

/// A command as it is declared to swift-argument-parser. Manual pages and completions are made from it.
public struct CommandDeclaration: Sendable {
  /// An argument, option or flag of a command.
  public struct Argument: Sendable {
    public enum Kind: String, Sendable { case positional, option, flag }

    public let kind: Kind
    /// The names with their hyphens: `--yes`, `-y`. Empty for a positional argument.
    public let names: [String]
    public let valueName: String
    public let help: String
    public let defaultValue: String?
    /// The allowed values; empty where any value is allowed.
    public let values: [String]
    public let isOptional: Bool
    public let isRepeating: Bool
    /// Whether help and manual pages list the argument.
    public let isShown: Bool
  }

  public let name: String
  let abstract: String
  public let discussion: Discussion
  let isShown: Bool
  public let arguments: [Argument]
  public let subcommands: [CommandDeclaration]

  /// Parses the output of `--experimental-dump-help`; nil for any other text.
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

  /// The subcommand of a name.
  public subscript(name: String) -> CommandDeclaration? { subcommands.first { $0.name == name } }

  /// The subcommands that the help lists, without the parser's own `help`.
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

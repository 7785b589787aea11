import Documents

/// The manual page of pcipass or of one command, made from the declarations of the command line.
public struct ManualPage {
  private let command: CommandDeclaration
  private let root: CommandDeclaration
  private let version: String
  private var roff = Roff()

  /// - Parameters:
  ///   - command: the command; nil for pcipass as a whole.
  ///   - root: the declaration of pcipass.
  public init(of command: CommandDeclaration?, in root: CommandDeclaration, version: String) {
    self.command = command ?? root
    self.root = root
    self.version = version
  }

  private var isRoot: Bool { command.name == root.name }
  /// The name of the page: `pcipass-plan`.
  public var name: String { isRoot ? root.name : "\(root.name)-\(command.name)" }

  /// The page as roff.
  public func text() -> String {
    var page = self
    page.write()
    return page.roff.text
  }

  private mutating func write() {
    roff.macro("TH", name.uppercased(), "8", "", "pcipass \(version)", "pcipass")
    // Hyphenation is off, so that commands and options can be searched for as they are typed.
    roff.macro("nh")
    roff.macro("SH", "NAME")
    let abstract = command.abstract.hasSuffix(".") ? String(command.abstract.dropLast()) : command.abstract
    roff.fill(Roff.escaped(name) + " \\- " + Roff.escaped(lowercasedFirst(abstract)))
    roff.macro("SH", "SYNOPSIS")
    roff.fill(synopsis)
    roff.macro("SH", "DESCRIPTION")
    let paragraphs = command.discussion.paragraphs
    for (index, paragraph) in (paragraphs.isEmpty ? [command.abstract] : paragraphs).enumerated() {
      if index > 0 { roff.macro("PP") }
      roff.fill(Roff.escaped(paragraph))
    }
    if isRoot { writeCommands() }
    writeOptions()
    roff.macro("SH", "EXIT STATUS")
    for line in command.discussion.exitStatus { writeStatus(line) }
    writeTable("FILES", files)
    writeTable("ENVIRONMENT", environment)
    writeExamples()
    writeSeeAlso()
  }

  /// The text with a lower case first letter, unless its first word is a name with further capitals.
  private func lowercasedFirst(_ text: String) -> String {
    let first = text.prefix { $0 != " " }
    return first.dropFirst().contains(where: \.isUppercase)
      ? text : text.prefix(1).lowercased() + text.dropFirst()
  }

  // MARK: Synopsis and options

  private var synopsis: String {
    if isRoot {
      return Roff.bold(root.name) + " " + Roff.italic("command") + " [" + Roff.italic("options") + "]"
    }
    let options = command.arguments.filter { $0.kind != .positional && $0.isShown }
    let places = command.arguments.filter { $0.kind == .positional && $0.isShown }
    let words =
      [Roff.bold("\(root.name) \(command.name)")]
      + (options.isEmpty ? [] : ["[" + Roff.italic("options") + "]"])
      + places.map { place in
        let name = Roff.italic(place.valueName) + (place.isRepeating ? " ..." : "")
        return place.isOptional ? "[" + name + "]" : name
      }
    return words.joined(separator: " ")
  }

  private mutating func writeCommands() {
    roff.macro("SS", "Commands")
    for command in root.shownCommands {
      roff.item(reference("\(root.name)-\(command.name)"), Roff.escaped(command.abstract))
    }
  }

  private mutating func writeOptions() {
    roff.macro("SH", "OPTIONS")
    for argument in command.arguments where argument.isShown && argument.kind == .positional {
      roff.item(Roff.italic(argument.valueName), meaning(argument))
    }
    for argument in command.arguments where argument.isShown && argument.kind != .positional {
      let names = argument.names.map { Roff.bold($0) }.joined(separator: ", ")
      roff.item(
        argument.kind == .option ? names + " " + Roff.italic(argument.valueName) : names, meaning(argument))
    }
  }

  private func meaning(_ argument: CommandDeclaration.Argument) -> String {
    var parts: [String] = []
    if !argument.values.isEmpty { parts.append("One of: " + argument.values.joined(separator: ", ") + ".") }
    if let value = argument.defaultValue { parts.append("Default: \(value).") }
    return Roff.escaped(([argument.help] + parts).joined(separator: " "))
  }

  // MARK: Exit status, files, environment, examples

  /// Writes a line such as `0  done`.
  private mutating func writeStatus(_ line: String) {
    let number = line.prefix { $0.isNumber }
    roff.item(
      Roff.bold(String(number)), Roff.escaped(String(line.dropFirst(number.count).drop { $0 == " " })))
  }

  private func takes(_ option: String) -> Bool {
    (isRoot ? root.shownCommands : [command]).contains { $0.arguments.contains { $0.names.contains(option) } }
  }

  private var files: [(String, String)] {
    guard takes("--state-dir") else { return [] }
    return [
      ("/var/lib/pcipass/journal/", "The journals of applies and rollbacks, by number."),
      (
        "/var/lib/pcipass/identities.json",
        "The MAC addresses, interface names, ids and serial numbers of known NICs."
      ),
      ("/var/lib/pcipass/lock", "The lock that is held while pcipass changes the host."),
    ]
  }

  private var environment: [(String, String)] {
    [("NO_COLOR", "If it is set and not empty, the output has no colours.")]
      + (takes("--connect")
        ? [
          ("LIBVIRT_DEFAULT_URI", "The libvirt connection URI, if neither --connect nor a Guest sets one."),
          (
            "SSH_CONNECTION",
            "The SSH session of the command in tmux and screen; used only if the kernel confirms it."
          ),
        ] : [])
  }

  private mutating func writeTable(_ heading: String, _ rows: [(String, String)]) {
    guard !rows.isEmpty else { return }
    roff.macro("SH", heading)
    for (term, meaning) in rows { roff.item(Roff.italic(term), Roff.escaped(meaning)) }
  }

  private mutating func writeExamples() {
    roff.macro("SH", "EXAMPLES")
    for example in command.discussion.examples {
      roff.item(Roff.bold(example.line), Roff.escaped(example.comment ?? ""))
    }
  }

  // MARK: See also

  /// Refers to the commands that the text of the page mentions.
  private mutating func writeSeeAlso() {
    let discussion = command.discussion
    let words = Set(
      (discussion.paragraphs + discussion.examples.flatMap { [$0.line, $0.comment ?? ""] }).joined(
        separator: " "
      )
      .split { !$0.isLetter && $0 != "-" }.map(String.init))
    let related = root.shownCommands.map(\.name).filter {
      isRoot || ($0 != command.name && words.contains($0))
    }
    roff.macro("SH", "SEE ALSO")
    let pages = (isRoot ? [] : [root.name]) + related.map { "\(root.name)-\($0)" }
    let others = isRoot ? [("lspci", "8"), ("ip", "8"), ("virsh", "1")] : []
    roff.fill(
      (pages.map { reference($0) } + others.map { page, section in reference(page, section) }).joined(
        separator: ", "))
  }

  private func reference(_ page: String, _ section: String = "8") -> String {
    Roff.bold(page) + "(\(section))"
  }
}

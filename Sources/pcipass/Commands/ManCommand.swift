import ArgumentParser
import Documents
import Reporting
import SystemPackage

/// Writes the manual pages that a package of pcipass installs.
struct ManCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print a manual page, or write all of them.",
    discussion: """
      EXIT STATUS:
        0  printed
        1  an error

      EXAMPLES:
        pcipass man plan               print pcipass-plan(8), in roff
        pcipass man --out man8
      """, shouldDisplay: false)

  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp("Write one file for each page to this folder.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Argument(help: ArgumentHelp("A command. Default: pcipass itself.", valueName: "command"))
  var command: String?

  mutating func validate() throws {
    if out != nil, command != nil {
      throw ValidationError("--out writes all pages: do not name a command")
    }
    if let command, Pcipass.declaration?[command] == nil {
      throw ValidationError("there is no command '\(printable(command))'")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    guard let root = Pcipass.declaration else {
      throw Diagnostics(code: "internal", "the declarations of the commands cannot be read")
    }
    func page(_ command: CommandDeclaration?) -> ManualPage {
      ManualPage(of: command, in: root, version: Pcipass.version)
    }
    guard let out else {
      terminal.write(page(command.flatMap { root[$0] }).text())
      return .success
    }
    for page in [page(nil)] + root.shownCommands.map(page) {
      try writeFile(
        page.text(), to: "\(out)/\(page.name).8", mode: [.ownerReadWrite, .groupRead, .otherRead])
    }
    return .success
  }
}

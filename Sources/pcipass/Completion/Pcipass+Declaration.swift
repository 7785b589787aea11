import ArgumentParser
import Reporting

extension Pcipass {
  /// All commands as they are declared; nil where the parser's dump has another form than expected.
  static let declaration = CommandDeclaration(dump: Pcipass._dumpHelp())
}

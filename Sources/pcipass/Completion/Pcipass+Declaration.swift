import ArgumentParser
import Reporting

extension Pcipass {
  /// All commands as they are declared; nil if the dump of the parser has an unexpected form.
  static let declaration = CommandDeclaration(dump: Pcipass._dumpHelp())
}

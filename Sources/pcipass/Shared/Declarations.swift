import ArgumentParser
import Documents
import Reporting

extension Pcipass {
  /// All commands as they are declared; nil where the parser tells them in a way that is not understood.
  static let declaration = CommandDeclaration(dump: Pcipass._dumpHelp())
}

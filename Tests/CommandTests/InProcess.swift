import Foundation
import Reporting

@testable import pcipass

/// Runs a command in the process of the tests, on a separate terminal.
///
/// - Parameters:
///   - arguments: the words of the command line. Paths are absolute, because tests may run in any
///     folder.
///   - input: the typed text.
///   - traits: the features of the terminal; by default those of a file.
func inProcess(
  _ arguments: [String], input: String = "", traits: TerminalTraits = TerminalTraits()
) throws -> Pcipass.Result {
  let folder = try TemporaryFolder()
  let answers = try FileHandle(forReadingFrom: URL(filePath: try folder.write(input, to: "input")))
  let output = try folder.handle("output")
  let error = try folder.handle("error")
  let terminal = Terminal(
    input: answers.fileDescriptor, output: output.fileDescriptor, error: error.fileDescriptor,
    traits: traits)
  let status = pcipass.Pcipass.run(arguments, on: terminal)
  return try withExtendedLifetime((answers, output, error)) {
    Pcipass.Result(
      status: status.code, output: try folder.text("output"), error: try folder.text("error"))
  }
}

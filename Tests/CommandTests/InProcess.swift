import Foundation
import Reporting

@testable import pcipass

/// Runs a command within the process of the tests, on a terminal of its own.
///
/// - Parameters:
///   - arguments: paths in them are absolute, because tests may run in any folder.
///   - input: what is typed.
///   - traits: what the terminal can do; by default it is a file.
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

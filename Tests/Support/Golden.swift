import Foundation

/// The text of the file NAME in the folder `Golden` of the test target that asks for it.
///
/// Where PCIPASS_RECORD is in the environment, `text` is written there first. Sentences stand in these files only: tests
/// compare codes, places and values, so a sentence can be changed without a change of a test.
public func golden(
  _ name: String, recording text: String, askedBy file: String = #filePath
) throws -> String {
  let tests = projectFolder.appending(path: "Tests").path + "/"
  let target = file.dropFirst(tests.count).prefix { $0 != "/" }
  let url = projectFolder.appending(path: "Tests/\(target)/Golden/\(name)")
  if ProcessInfo.processInfo.environment["PCIPASS_RECORD"] != nil {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
  return String(decoding: try Data(contentsOf: url), as: UTF8.self)
}

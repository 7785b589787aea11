import Foundation

/// The text of the file NAME in the folder `Golden` of the test target that contains `file`.
///
/// Where PCIPASS_RECORD is in the environment, `text` is written there first. Only these files
/// contain sentences: tests compare codes, locations and values, so a sentence can change without a
/// change of a test.
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

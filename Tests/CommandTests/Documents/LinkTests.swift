import Foundation
import Testing

@Suite("The links of the documents")
struct LinkTests {
  @Test("lead to an existing file and heading", arguments: Document.paths)
  func links(path: String) throws {
    for (line, target) in try Document(path).links {
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let folder = Document.url(path).deletingLastPathComponent()
      let file =
        parts[0].isEmpty ? Document.url(path) : folder.appending(path: String(parts[0])).standardizedFileURL
      guard FileManager.default.fileExists(atPath: file.path) else {
        Issue.record("\(path):\(line): there is no \(target)")
        continue
      }
      guard parts.count == 2 else { continue }
      let name = file.path.dropFirst(Pcipass.root.standardizedFileURL.path.count + 1)
      #expect(
        try Document(String(name)).anchors.contains(String(parts[1])), "\(path):\(line): \(target)")
    }
  }

  @Test("lead from README to every document")
  func index() throws {
    let known = Set(try Document("README.md").links.map { String($0.target.prefix { $0 != "#" }) })
    #expect(Document.paths.dropFirst().filter { !known.contains($0) } == [])
  }
}

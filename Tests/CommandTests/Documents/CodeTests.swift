import Foundation
import Hosts
import Planning
import Testing

@Suite("docs/troubleshooting.md")
struct CodeTests {
  @Test("explains each code that pcipass prints, and no other")
  func codes() throws {
    let document = try Document("docs/troubleshooting.md")
    let explained = document.lines.compactMap {
      $0.wholeMatch(of: /### ([a-z-]+)/).map { String($0.output.1) }
    }
    #expect(Set(explained).count == explained.count, "each once")
    // A check is explained by its name, or by the code with which it refuses.
    let checks = Set(Guard.allCases.map(\.rawValue))
    let printed = try Self.diagnosticCodes().union(Self.planCodes).union(checks.intersection(explained))
    let unnamed = checks.subtracting(explained).filter { check in
      !document.lines.contains { $0.contains("`\(check)`") }
    }
    #expect(unnamed.sorted() == [], "these checks are not named")
    #expect(printed.subtracting(explained).sorted() == [], "these are not explained")
    #expect(Set(explained).subtracting(printed).sorted() == [], "these are never printed")
  }

  private static var planCodes: Set<String> {
    Set(Refusal.Code.allCases.map(\.rawValue))
      .union(Notice.Code.allCases.map(\.rawValue))
      .union(HostFailure.Kind.allCases.map(\.rawValue))
      .union(BootProblem.Code.allCases.map(\.rawValue))
  }

  /// Returns the code of each diagnostic in the sources.
  private static func diagnosticCodes() throws -> Set<String> {
    let folder = Pcipass.root.appending(path: "Sources")
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    var codes: Set<String> = []
    for name in names where name.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /\bcode:\s*(?:String = |\w+ \? )?"([a-z-]+)"(?: : "([a-z-]+)")?/) {
        codes.insert(String(match.output.1))
        if let other = match.output.2 { codes.insert(String(other)) }
      }
      for match in text.matches(of: /\b(?:fail|error)\(\s*"([a-z-]+)",/) {
        codes.insert(String(match.output.1))
      }
    }
    return codes
  }
}

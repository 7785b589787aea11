import Foundation
import Testing

@Suite("pcipass schema")
struct SchemaCommandTests {
  @Test("schemas/ holds what the command prints", arguments: ["host", "guest", "host-state", "plan"])
  func files(name: String) throws {
    let result = try Pcipass.run("schema", name)
    #expect(result.status == 0)
    let file = Pcipass.root.appending(path: "schemas/\(name).schema.json")
    #expect(try String(contentsOf: file, encoding: .utf8) == result.output, "`make schemas` writes it anew")
  }
}

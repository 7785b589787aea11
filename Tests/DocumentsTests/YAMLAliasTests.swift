import Documents
import Testing

@Suite("An alias in YAML")
struct YAMLAliasTests {
  @Test(
    "stands for the value of the last anchor of its name",
    arguments: [
      ("a: &x [1, {b: c}]\nd: *x", "{a: [1, {b: c}], d: [1, {b: c}]}"), ("- &x 'q'\n- *x", "[\"q\", \"q\"]"),
      ("- &x key\n- {*x : 1}", "[key, {key: 1}]"), ("- &x 1\n- &x 2\n- *x", "[1, 2, 2]"),
      ("- &x [&y 1, *y]\n- *x", "[[1, 1], [1, 1]]"), ("- &x\n- *x", "[, ]"),
    ])
  func meaning(text: String, expected: String) throws {
    #expect(try document(text).outline == expected)
  }

  @Test(
    "is refused without a complete anchor before it",
    arguments: [
      ("a: *x", "1:4"), ("a: *x\nb: &x 1", "1:4"), ("&a [*a]", "1:5"), ("a: &x\n  b: *x", "2:6"),
      ("&x {*x : 1}", "1:5"), ("a: &x 1\n---\nb: *x", "3:4"),
    ])
  func notComplete(text: String, location: String) throws {
    let error = try refusal(of: text)
    #expect(error.code == "yaml-alias")
    #expect(error.location?.description == "t.yaml:\(location)")
  }

  @Test("with a mistyped name is refused with a suggestion of the nearest anchor")
  func suggestion() throws {
    #expect(try refusal(of: "a: &uplink 1\nb: *uplnik").help?.contains("*uplink") == true)
  }

  @Test("of an exponential bomb is refused quickly, where it exceeds the limit of values")
  func bomb() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let error = try quickly { try refusal(of: text) }
    #expect(error.code == "limit")
    #expect(error.message.contains("10000"))
    #expect(error.location?.line == 4)
  }

  @Test("of one large value, repeated very often, is refused where it exceeds the limit")
  func wideBomb() throws {
    let values = Array(repeating: "x", count: 5000).joined(separator: ", ")
    let error = try refusal(of: "- &a [\(values)]\n" + String(repeating: "- *a\n", count: 100_000))
    #expect(error.location?.description == "t.yaml:3:3")
  }

  @Test("can nest a value hundreds of levels deep")
  func deepByAliases() throws {
    var text = "- &a0 x\n"
    for level in 1...15 {
      text +=
        "- &a\(level) \(String(repeating: "[", count: 60))*a\(level - 1)\(String(repeating: "]", count: 60))\n"
    }
    #expect(try document(text).outline.contains(String(repeating: "[", count: 900)))
  }
}

// swift-format-ignore-file: NeverForceUnwrap
// Generated values are valid by construction; if one is not, the test must stop.

import TestSupport

/// Generates random values, the same in every run. Extensions generate manifests and host states.
struct Generator {
  var dice: Dice

  init(seed: UInt64) { dice = Dice(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &dice) }

  mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

  mutating func one<Value>(of values: [Value]) -> Value { values.randomElement(using: &dice)! }

  mutating func one<Value: CaseIterable>(of type: Value.Type) -> Value {
    Value.allCases.randomElement(using: &dice)!
  }

  mutating func maybe<Value>(_ make: (inout Generator) -> Value) -> Value? {
    chance(50) ? make(&self) : nil
  }

  mutating func list<Value>(_ count: ClosedRange<Int>, _ make: (inout Generator) -> Value) -> [Value] {
    (0..<number(count)).map { _ in make(&self) }
  }

  mutating func text(_ alphabet: String, _ length: ClosedRange<Int>) -> String {
    let characters = Array(alphabet)
    return String(list(length) { $0.one(of: characters) })
  }

  /// Returns a name; one in five may be a number, a Boolean or null to a YAML reader.
  mutating func name(_ others: String, upTo most: Int) -> String {
    if chance(20) {
      return one(of: ["12", "0", "on", "true", "null", "1e3", "0x10", "012", "NO", "9999999999"])
    }
    return text("abcXYZ019", 1...1) + text("abcXYZ019" + others, 0...most - 1)
  }

  /// Returns text as another program may write it, in any script.
  mutating func freeText(_ length: ClosedRange<Int> = 0...20) -> String {
    text("ab \"'\\:#{}[]&*!|>%@`\n\t-~0é漢🙂\u{1B}\u{2028}\u{85}", length)
  }

  mutating func fileName() -> String {
    let name = text("abc019-_. é#:'\"", 1...12)
    return name == "." || name == ".." ? "vfio-pci" : name
  }
}

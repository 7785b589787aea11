// swift-format-ignore-file: NeverForceUnwrap
// What is made here is right by construction; if it is not, the test must stop.

import TestSupport

/// Makes values at random, the same in every run; manifests and states are extensions of it.
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

  /// A name: now and then one that YAML has other ideas about.
  mutating func name(_ others: String, upTo most: Int) -> String {
    if chance(20) {
      return one(of: ["12", "0", "on", "true", "null", "1e3", "0x10", "012", "NO", "9999999999"])
    }
    return text("abcXYZ019", 1...1) + text("abcXYZ019" + others, 0...most - 1)
  }

  /// Text that somebody else wrote, in any script.
  mutating func freeText(_ length: ClosedRange<Int> = 0...20) -> String {
    text("ab \"'\\:#{}[]&*!|>%@`\n\t-~0é漢🙂\u{1B}\u{2028}\u{85}", length)
  }

  mutating func fileName() -> String {
    let name = text("abc019-_. é#:'\"", 1...12)
    return name == "." || name == ".." ? "vfio-pci" : name
  }
}

import ArgumentParser

/// The duration that an option accepts: `90s`, `2m`, `1h30m`.
struct DurationArgument: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    var total = 0
    var number = ""
    var units = ArraySlice(["h", "m", "s"])
    for character in argument {
      if character.isASCII, character.isNumber {
        number.append(character)
        continue
      }
      guard let index = units.firstIndex(of: String(character)), number.count < 7, let count = Int(number)
      else { return nil }
      total += count * (["h": 3600, "m": 60][character] ?? 1)
      units = units[(index + 1)...]
      number = ""
    }
    guard number.isEmpty, (5...86400).contains(total) else { return nil }
    seconds = total
  }

  static func words(_ seconds: Int) -> String {
    seconds % 3600 == 0
      ? pluralised(seconds / 3600, "hour")
      : seconds % 60 == 0 ? pluralised(seconds / 60, "minute") : pluralised(seconds, "second")
  }

  private static func pluralised(_ count: Int, _ unit: String) -> String {
    "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}

import ArgumentParser
import Documents
import Planning

extension Target {
  /// The value of `--target`.
  static func parse(_ text: String) throws -> Target {
    guard let target = Target(text) else {
      throw ValidationError("'\(printable(text))' is not a target: use nic/NAME, nic/POOL/PORT or guest/NAME")
    }
    return target
  }
}

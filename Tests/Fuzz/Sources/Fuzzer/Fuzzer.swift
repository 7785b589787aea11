import CLibFuzzer
import FuzzedReaders

/// Runs libFuzzer on one reader: `Fuzzer [LIBFUZZER OPTION…] -ignore_remaining_args=1 READER`.
@main
enum Fuzzer {
  /// Static, because libFuzzer calls a C function, which cannot capture. It is set once, before
  /// that.
  nonisolated(unsafe) private static var reader = FuzzedReader.yaml

  static func main() {
    guard let reader = CommandLine.arguments.last.flatMap(FuzzedReader.init) else {
      fatalError(
        "the last argument is one of " + FuzzedReader.allCases.map(\.rawValue).joined(separator: ", "))
    }
    Self.reader = reader
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    _ = LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
      Fuzzer.test(UnsafeBufferPointer(start: bytes, count: count))
      return 0
    }
  }

  private static func test(_ bytes: UnsafeBufferPointer<UInt8>) {
    do throws(Broken) {
      try reader.check(Array(bytes))
    } catch {
      preconditionFailure(error.description)
    }
  }
}

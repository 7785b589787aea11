import Documents
import HostModel

extension HostState {
  /// A snapshot from a file, or all that is wrong with it. `-` is standard input.
  public static func read(_ path: String) throws(Diagnostics) -> HostState {
    let source = try Source.file(path)
    return try form.value(of: try JSONReader.document(of: source), from: source)
  }
}

import Documents
import HostModel

extension HostState {
  /// Reads a snapshot from a file and throws all of its errors. `-` is standard input.
  public static func read(_ path: String) throws(Diagnostics) -> HostState {
    let source = try Source.file(path)
    return try form.value(of: try JSONReader.document(of: source), from: source)
  }
}

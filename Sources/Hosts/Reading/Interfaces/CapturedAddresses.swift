import Documents
import Files
import SystemPackage

/// The reason why a file that was captured with a tree cannot be used.
struct CaptureFailure: Error {
  let reason: String
}

/// The output of `ip -details -json address show` in a captured tree.
enum CapturedAddresses {
  /// The name of the file in the root of the tree.
  static let capture = "ip-address.json"
  private static let limit = 32 << 20

  static func read(_ tree: borrowing Tree) throws(CaptureFailure) -> [String: NetworkGraph.Interface] {
    let name = tree.name(of: capture)
    let text: [UInt8]
    do { text = try tree.file(capture).contents(upTo: limit) } catch {
      let hint =
        error == .noSuchFileOrDirectory ? " (the output of: ip -details -json address show)" : ""
      throw CaptureFailure(reason: name + ": " + error.description + hint)
    }
    do { return try InterfaceAddresses(Source(name: name, text: text)).links } catch {
      throw CaptureFailure(reason: (error.all.first?.location?.description ?? name) + ": " + error.message)
    }
  }
}

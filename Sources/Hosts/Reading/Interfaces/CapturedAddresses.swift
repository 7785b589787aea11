import Documents
import SystemPackage

/// What `ip -details -json address show` printed on the host of which a tree was captured.
enum CapturedAddresses {
  static let capture = "ip-address.json"
  private static let limit = 32 << 20

  static func read(_ tree: borrowing Tree, _ scratch: Scratch) throws(NoAnswer)
    -> [String: NetworkGraph.Interface]
  {
    let name = tree.name(of: capture)
    let text: [UInt8]
    do { text = try tree.file(capture).contents(upTo: limit, scratch) } catch {
      let hint =
        error == .noSuchFileOrDirectory ? " (the output of: ip -details -json address show)" : ""
      throw NoAnswer(reason: name + ": " + error.description + hint)
    }
    do { return try InterfaceAddresses(Source(name: name, text: text)).links } catch {
      throw NoAnswer(reason: (error.place?.description ?? name) + ": " + error.message)
    }
  }
}

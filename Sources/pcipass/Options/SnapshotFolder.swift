import Documents
import Files
import HostModel
import Hosts
import SystemPackage

/// A folder with the snapshot `NAME.json` of each host.
struct SnapshotFolder {
  private let path: String

  /// - Returns: nil if the path is not a folder.
  init?(_ path: String) {
    guard path != "-", (try? Stat(path).type) == .directory else { return nil }
    self.path = path
  }

  /// The snapshot of one host; nil if there is none.
  ///
  /// - Throws: `wrong-host` if it is of another host, and the errors of reading it.
  func state(of host: String) throws(Diagnostics) -> HostState? {
    let file = "\(path)/\(host).json"
    do throws(Errno) { _ = try Stat(file) } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw .unreadable(FileError(file, error))
    }
    let state = try HostState.read(file)
    guard state.host == host else {
      throw Diagnostics(code: "wrong-host", "\(file) is a snapshot of \(state.host), not of \(host)")
    }
    return state
  }
}

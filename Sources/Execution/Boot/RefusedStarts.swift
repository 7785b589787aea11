import Documents
import Files
import HostModel

/// The domains that libvirt's hook has refused to start in this boot, one file for each in the state folder.
/// Those that libvirt starts by itself are started when the reason is gone.
public struct RefusedStarts: Sendable {
  private static let folderName = "refused"
  private let path: String
  private let boot: String

  /// - Parameters:
  ///   - folder: the path of the state folder.
  ///   - boot: the id of the boot.
  public init(_ folder: String, boot: String?) {
    path = folder
    self.boot = boot ?? "unknown"
  }

  /// Returns the UUIDs of the domains, and removes those of earlier boots.
  public func all() throws(Diagnostics) -> [String] {
    do throws(FileError) {
      guard let state = try StateFolder.existing(path), let folder = try state.existingFolder(Self.folderName)
      else { return [] }
      var result: [String] = []
      for name in try folder.names().sorted() where isUUID(name) {
        let text = try folder.contents(name, upTo: 4096)
        if text == Array(boot.utf8) { result.append(name) } else { try folder.remove(name) }
      }
      return result
    } catch {
      throw Diagnostics(code: "state-folder", error)
    }
  }

  /// Records whether the hook has refused a domain.
  public func note(_ uuid: String, isRefused: Bool) throws(Diagnostics) {
    guard isUUID(uuid) else { return }
    do throws(FileError) {
      if isRefused {
        try StateFolder(path).folder(Self.folderName).replace(uuid, with: Array(boot.utf8))
      } else if let folder = try StateFolder.existing(path)?.existingFolder(Self.folderName),
        try folder.contents(uuid, upTo: 4096) != nil
      {
        try folder.remove(uuid)
      }
    } catch {
      throw Diagnostics(code: "state-folder", error)
    }
  }
}

import Files
import Glibc
import HostModel
import SystemPackage

/// Reads how a host is set up for its boot: the units of systemd (systemd.unit(5)) and the hook of libvirt
/// (https://libvirt.org/hooks.html).
enum BootSetupReader {
  private static let own = "etc/systemd/system"
  private static let folders = [
    own, "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system",
  ]
  private static let hooks = "etc/libvirt/hooks"

  static func read(_ tree: borrowing Tree) -> Observed<BootSetup> {
    do throws(FileError) {
      var units: [String: BootSetup.Unit] = [:]
      let enabled = try enabledNames(tree)
      for name in BootSetup.unitNames {
        units[name] =
          try isThere(name, in: folders, tree) ? (enabled.contains(name) ? .enabled : .disabled) : .missing
      }
      return .known(
        BootSetup(
          hasSystemd: try isThere("system", in: ["run/systemd"], tree), units: units, hook: try hook(tree)))
    } catch {
      return .unavailable(error.description)
    }
  }

  /// The names in the folders of dependencies, which `systemctl enable` creates: `multi-user.target.wants`.
  private static func enabledNames(_ tree: borrowing Tree) throws(FileError) -> Set<String> {
    var result: Set<String> = []
    for folder in try ConfigurationFiles.names(in: own, tree)
    where folder.hasSuffix(".wants") || folder.hasSuffix(".requires") {
      result.formUnion(try ConfigurationFiles.names(in: own + "/" + folder, tree))
    }
    return result
  }

  private static func isThere(
    _ name: String, in folders: [String], _ tree: borrowing Tree
  ) throws(FileError) -> Bool {
    for folder in folders where try ConfigurationFiles.names(in: folder, tree).contains(name) { return true }
    return false
  }

  private static func hook(_ tree: borrowing Tree) throws(FileError) -> BootSetup.Hook {
    let path = hooks + "/qemu.d/pcipass"
    if let mode = try mode(of: path, tree) { return mode & 0o100 != 0 ? .inFolder : .notExecutable }
    guard let script = try ConfigurationFiles.content(of: hooks + "/qemu", tree),
      String(decoding: script, as: UTF8.self).contains("pcipass")
    else { return .missing }
    return try mode(of: hooks + "/qemu", tree).map { $0 & 0o100 != 0 } ?? false ? .inScript : .notExecutable
  }

  /// The mode of a file; nil if it does not exist.
  private static func mode(of path: String, _ tree: borrowing Tree) throws(FileError) -> mode_t? {
    do throws(Errno) {
      let file = try tree.file(path)
      var status = stat()
      guard fstat(file.descriptor, &status) == 0 else { throw Errno(rawValue: errno) }
      return status.st_mode
    } catch {
      if error == .noSuchFileOrDirectory { return nil }
      throw FileError(tree.name(of: path), error)
    }
  }
}

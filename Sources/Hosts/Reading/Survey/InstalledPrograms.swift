import Files
import Glibc
import HostModel
import SystemPackage

/// Finds the programs of QEMU and libvirt's daemons in the paths that distributions use.
enum InstalledPrograms {
  private static let emulators = [
    "usr/bin/qemu-system-x86_64", "usr/bin/qemu-system-aarch64", "usr/libexec/qemu-kvm", "usr/bin/qemu-kvm",
    "usr/bin/kvm",
  ]
  private static let daemons = ["usr/sbin/libvirtd", "usr/sbin/virtqemud"]

  /// The paths of the installed libvirt daemons.
  static func daemons(_ tree: borrowing Tree) -> Observed<[String]> { present(daemons, tree) }

  /// The installed QEMU programs with their versions. Each is run with `--version`, for up to 20 seconds.
  static func emulators(_ tree: borrowing Tree) -> Observed<[Emulator]> {
    switch present(emulators, tree) {
    case .unavailable(let reason): return .unavailable(reason)
    case .known(let paths):
      // The programs in a captured tree are those of another machine, so they are not run.
      let isLive = tree.isLive
      return .known(
        paths.map { path in
          Emulator(
            path: path,
            version: isLive
              ? version(of: path) : .unavailable("pcipass does not run programs of a captured file tree"))
        })
    }
  }

  private static func present(_ paths: [String], _ tree: borrowing Tree) -> Observed<[String]> {
    var found: [String] = []
    for path in paths {
      do {
        _ = try tree.file(path)
        found.append("/" + path)
      } catch  where error == .noSuchFileOrDirectory {
        continue
      } catch { return .unavailable(tree.name(of: path) + ": " + error.description) }
    }
    // A captured tree contains no programs, so their absence means nothing.
    return found.isEmpty && !tree.isLive
      ? .unavailable("the captured file tree has no programs") : .known(found)
  }

  /// The version in the output of `--version`: `QEMU emulator version 10.0.13 (Debian …)`.
  private static func version(of path: String) -> Observed<VersionNumber> {
    do throws(SubprocessFailure) {
      let output = try Subprocess.output(path, ["--version"], upTo: 1 << 16, within: .seconds(20))
      let words = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      if let place = words.firstIndex(of: "version"), place + 1 < words.count,
        let version = VersionNumber(words[place + 1])
      {
        return .known(version)
      }
      return .unavailable("\(path) --version does not print a version")
    } catch { return .unavailable("\(path) --version: \(error.reason)") }
  }
}

/// The drivers that driverctl(8) binds at each boot: a file `pci-ADDRESS` with the name of the driver for
/// each function.
enum DriverctlFiles {
  private static let folder = "etc/driverctl.d"

  /// The drivers by function address. Empty if driverctl is not used.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[PCIAddress: String]> {
    var found: [PCIAddress: String] = [:]
    do {
      let folder = try tree.folder(folder)
      for name in try folder.names(upTo: 4096) {
        let bare = name.hasPrefix("pci-") ? String(name.dropFirst(4)) : name
        guard let address = PCIAddress(bare) else { continue }
        found[address] = try folder.read(name, scratch).trimmed.text
      }
      return .known(found)
    } catch  where error == .noSuchFileOrDirectory {
      return .known([:])
    } catch { return .unavailable(tree.name(of: folder) + ": " + error.description) }
  }
}

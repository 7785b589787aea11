import Documents
import Files
import Glibc
import HostModel

/// Kernel modules, loaded by modprobe(8).
enum KernelModules {
  /// Whether a PCI driver of this name is registered, built in or loaded.
  static func hasDriver(_ name: String) -> Bool { access("/sys/bus/pci/drivers/" + name, F_OK) == 0 }

  /// Loads a module, within 30 seconds.
  ///
  /// - Throws: `HostFailure(.refused)` if modprobe is missing or fails, `.stuck` if it has not ended in time.
  static func load(_ module: String, _ trace: (String) -> Void = { _ in }) throws(HostFailure) {
    guard isFileName(module) else { throw HostFailure(.refused, "this is not the name of a module") }
    guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
      throw HostFailure(
        .refused, "modprobe is not installed", help: "install kmod, or load the module \(module) by hand")
    }
    trace("run modprobe -- \(module)")
    do throws(SubprocessFailure) {
      _ = try Subprocess.output(program, ["--", module], upTo: 1 << 16, within: .seconds(30))
    } catch {
      throw HostFailure(
        error.isTimeout ? .stuck : .refused, "modprobe \(module): \(error.reason)",
        help:
          "to see why, run as root: modprobe -v -- \(shellWord(module)); the kernel package may lack the module"
      )
    }
  }

  private static let programs = [
    "/usr/sbin/modprobe", "/sbin/modprobe", "/usr/bin/modprobe", "/bin/modprobe",
  ]
}

import HostModel
import SystemPackage

/// Tells for each function which driver the host itself would use.
enum HostDrivers {
  static func resolve(
    _ functions: inout [PCIFunction], _ kernel: Kernel, _ tree: borrowing Tree, _ scratch: Scratch
  ) {
    var unknown: [PCIFunction] = []
    for index in functions.indices {
      if let driver = functions[index].driver, Drivers.isHosts(driver) {
        functions[index].hostDriver = driver
      } else if let driver = functions[index].remembered?.driver {
        functions[index].hostDriver = driver
      } else if functions[index].deviceClass.isNetwork, functions[index].id != .unreadable {
        unknown.append(functions[index])
      }
    }
    guard !unknown.isEmpty, let release = kernel.release else { return }
    let modules = ModuleAliases.modules(for: unknown, release: release, tree, scratch)
    guard !modules.isEmpty else { return }
    for index in functions.indices where functions[index].hostDriver == nil {
      functions[index].hostDriver = modules[functions[index].address].map { name(ofModule: $0, kernel) }
    }
  }

  /// A loaded module's driver may differ from it in its signs only: `virtio_pci`, `virtio-pci`.
  private static func name(ofModule module: String, _ kernel: Kernel) -> String {
    guard let drivers = kernel.drivers.value, !drivers.contains(module) else { return module }
    let normalised = Drivers.normalised(module)
    return drivers.first { Drivers.normalised($0) == normalised } ?? module
  }
}

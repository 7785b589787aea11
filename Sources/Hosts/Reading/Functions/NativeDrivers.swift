import Files
import HostModel
import SystemPackage

/// Determines the native driver of each function and its variant of vfio-pci.
enum NativeDrivers {
  /// - Parameter looksForVariants: whether to look up variants of vfio-pci, which reads `modules.alias`, a
  ///   file of a megabyte.
  static func resolve(
    _ functions: inout [PCIFunction], looksForVariants: Bool, _ kernel: Kernel, _ tree: borrowing Tree,
    _ scratch: Scratch
  ) {
    var asked: Set<String> = []
    for index in functions.indices {
      if let driver = functions[index].driver, Drivers.isNative(driver) {
        functions[index].nativeDriver = driver
      } else if let driver = functions[index].remembered?.driver {
        functions[index].nativeDriver = driver
      }
      let isAsked = looksForVariants || functions[index].nativeDriver == nil
      if isAsked, functions[index].deviceClass.isNetwork, functions[index].id != .unreadable {
        asked.insert(ModuleAliases.modalias(functions[index]))
        if looksForVariants, functions[index].sriov != nil {
          asked.insert(ModuleAliases.modalias(functions[index], ofVFs: true))
        }
      }
    }
    guard !asked.isEmpty, let release = kernel.release else { return }
    let modules = ModuleAliases(for: asked, release: release, tree, scratch)
    for index in functions.indices {
      let function = functions[index]
      let alias = ModuleAliases.modalias(function)
      if functions[index].nativeDriver == nil {
        functions[index].nativeDriver = modules.hosts[alias].map { name(ofModule: $0, kernel) }
      }
      functions[index].variantDriver = modules.variants[alias].map { name(ofModule: $0, kernel) }
      guard function.sriov != nil else { continue }
      functions[index].sriov?.variantDriver = modules.variants[ModuleAliases.modalias(function, ofVFs: true)]
        .map { name(ofModule: $0, kernel) }
    }
  }

  /// The name of the driver of a module. The two may differ in `-` and `_` only: module `virtio_pci`, driver
  /// `virtio-pci`.
  private static func name(ofModule module: String, _ kernel: Kernel) -> String {
    guard let drivers = kernel.drivers.value, !drivers.contains(module) else { return module }
    let normalised = Drivers.normalised(module)
    return drivers.first { Drivers.normalised($0) == normalised } ?? module
  }
}

/// What the names of PCI drivers tell.
public enum Drivers {
  public static let vfio = "vfio-pci"
  public static let stub = "pci-stub"

  /// Keep the host's hands off a function, so that a guest can have it: vfio-pci, its variants, and pci-stub.
  public static func isPassthrough(_ driver: String?) -> Bool {
    guard let driver else { return false }
    // Modules have underscores.
    return driver == stub || driver == "pci_stub" || opensVFIO(driver)
  }

  /// Belong to other tools that assign or use functions: DPDK, Xen.
  public static func isForeign(_ driver: String?) -> Bool {
    driver.map { foreign.contains(normalised($0)) } ?? false
  }

  /// Makes the function work on the host itself.
  public static func isHosts(_ driver: String?) -> Bool {
    driver != nil && !isPassthrough(driver) && !isForeign(driver)
  }

  /// vfio-pci and its variants.
  public static func opensVFIO(_ driver: String) -> Bool {
    guard driver.utf8.last == UInt8(ascii: "i") else { return false }
    let name = normalised(driver)
    return name == "vfio_pci" || name.hasSuffix("_vfio_pci")
  }

  /// A VFIO driver for certain devices (`mlx5_vfio_pci`, `nvgrace_gpu_vfio_pci`), which can do more than vfio-pci, live
  /// migration for example (Linux, Documentation/driver-api/vfio-pci-device-specific-driver-acceptance.rst).
  public static func isVariant(_ driver: String) -> Bool {
    opensVFIO(driver) && normalised(driver) != "vfio_pci"
  }

  private static let foreign: Set = ["xen_pciback", "pciback", "uio_pci_generic", "igb_uio", "nic_uio"]

  /// Modules and drivers mix the two signs: the module `vfio_pci` has the driver `vfio-pci`.
  public static func normalised(_ name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}

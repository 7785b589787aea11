/// The groups of PCI drivers, which are distinguished by their names. Hyphens and underscores are
/// equal in these names.
public enum Drivers {
  /// The generic VFIO driver.
  public static let vfio = "vfio-pci"
  /// The driver that binds a function and does nothing with it. QEMU's old model `pci-assign` needs it.
  public static let stub = "pci-stub"

  /// Whether the driver prevents the host from using a function, so that the function can be
  /// assigned to a guest: vfio-pci, its variants, and pci-stub. False for no driver.
  public static func isPassthrough(_ driver: String?) -> Bool {
    guard let driver else { return false }
    // Names of modules have underscores.
    return driver == stub || driver == "pci_stub" || isVFIO(driver)
  }

  /// Whether the driver belongs to other software that assigns or uses functions, such as DPDK and Xen. False
  /// for no driver.
  public static func isForeign(_ driver: String?) -> Bool {
    driver.map { foreign.contains(normalised($0)) } ?? false
  }

  /// Whether the driver makes the function work on the host itself. False for no driver.
  public static func isNative(_ driver: String?) -> Bool {
    driver != nil && !isPassthrough(driver) && !isForeign(driver)
  }

  /// Whether the driver is vfio-pci or one of its variants.
  public static func isVFIO(_ driver: String) -> Bool {
    guard driver.utf8.last == UInt8(ascii: "i") else { return false }
    let name = normalised(driver)
    return name == "vfio_pci" || name.hasSuffix("_vfio_pci")
  }

  /// Whether the driver is a VFIO driver for particular devices (`mlx5_vfio_pci`, `nvgrace_gpu_vfio_pci`).
  /// Such a variant can do more than vfio-pci, for example live migration (Linux,
  /// Documentation/driver-api/vfio-pci-device-specific-driver-acceptance.rst).
  public static func isVFIOVariant(_ driver: String) -> Bool {
    isVFIO(driver) && normalised(driver) != "vfio_pci"
  }

  private static let foreign: Set = ["xen_pciback", "pciback", "uio_pci_generic", "igb_uio", "nic_uio"]

  /// The name with underscores instead of hyphens: the module `vfio_pci` registers the driver `vfio-pci`.
  public static func normalised(_ name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}

/// What the names of PCI drivers tell.
public enum Drivers {
  /// Keep the host's hands off a function, so that a guest can have it.
  public static func isPassthrough(_ driver: String?) -> Bool {
    switch driver {
    case "vfio-pci", "pci-stub": true
    // The modules' names.
    case "vfio_pci", "pci_stub": true
    default: false
    }
  }

  /// Belong to other tools that hand out or use functions: DPDK, Xen, vendors' variants of vfio-pci.
  public static func isForeign(_ driver: String?) -> Bool {
    guard let driver, !isPassthrough(driver) else { return false }
    return opensVFIO(driver) || foreign.contains(normalised(driver))
  }

  /// Makes the function work on the host itself.
  public static func isHosts(_ driver: String?) -> Bool {
    driver != nil && !isPassthrough(driver) && !isForeign(driver)
  }

  /// Whether a process may have a function on this driver open: without a driver too, while an unbind waits.
  public static func mayBeHeld(_ driver: String?) -> Bool {
    driver.map { isPassthrough($0) || opensVFIO($0) } ?? true
  }

  /// vfio-pci and its variants for single devices (`mlx5-vfio-pci`, `nvgrace-gpu-vfio-pci`).
  public static func opensVFIO(_ driver: String) -> Bool {
    guard driver.utf8.last == UInt8(ascii: "i") else { return false }
    let name = normalised(driver)
    return name == "vfio_pci" || name.hasSuffix("_vfio_pci")
  }

  private static let foreign: Set = ["xen_pciback", "pciback", "uio_pci_generic", "igb_uio", "nic_uio"]

  /// Modules and drivers mix the two signs: the module `vfio_pci` has the driver `vfio-pci`.
  public static func normalised(_ name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}

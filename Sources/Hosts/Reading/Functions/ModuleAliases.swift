import Files
import Glibc
import HostModel
import SystemPackage

/// The kernel modules that `modules.alias` names for functions. Aliases of VFIO drivers begin with
/// `vfio_pci:` instead of `pci:` (Linux, include/linux/mod_devicetable.h). The keys of the results are the
/// modaliases of the functions.
struct ModuleAliases {
  /// The native driver's module. There is an entry only if exactly one module matches: with several it is
  /// unknown which one would bind.
  private(set) var hosts: [String: String] = [:]
  /// The variant of vfio-pci whose alias has the fewest wildcards, the first one if several have. libvirt
  /// chooses in the same way.
  private(set) var variants: [String: String] = [:]

  /// - Parameters:
  ///   - names: the modaliases of functions (`modalias(_:ofVFs:)`).
  ///   - release: the release of the kernel.
  init(
    for names: Set<String>, release: String, _ tree: borrowing Tree, _ scratch: Scratch
  ) {
    guard !names.isEmpty, isFileName(release),
      let file = try? tree.file("lib/modules/\(release)/modules.alias")
    else { return }
    let searched = names.map { (name: $0, bytes: Array($0.utf8)) }
    var found = [Set<String>](repeating: [], count: searched.count)
    var best = [(module: String, wildcards: Int)?](repeating: nil, count: searched.count)
    try? file.lines(upTo: 64 << 20, scratch) { line in
      let isVFIO = line.hasPrefix("alias vfio_pci:v")
      guard isVFIO || line.hasPrefix("alias pci:v") else { return true }
      var rest = line.dropping(isVFIO ? 11 : 6)
      let pattern = Bytes.cut(&rest, at: UInt8(ascii: " "))
      for (index, search) in searched.enumerated()
      where search.bytes.withUnsafeBufferPointer({ Self.matches($0, pattern) }) {
        let module = rest.trimmed.text
        guard isFileName(module) else { continue }
        if isVFIO {
          let wildcards = pattern.count { $0 == UInt8(ascii: "*") }
          if wildcards < best[index]?.wildcards ?? .max { best[index] = (module, wildcards) }
        } else if Drivers.isNative(module) {
          found[index].insert(module)
        }
      }
      return true
    }
    for (index, search) in searched.enumerated() {
      if found[index].count == 1 { hosts[search.name] = found[index].first }
      if let module = best[index]?.module, Drivers.isVFIOVariant(module) { variants[search.name] = module }
    }
  }

  /// The modalias of a function, or of its VFs, in the format of the kernel (`pci_uevent` in
  /// drivers/pci/pci-driver.c).
  static func modalias(_ function: PCIFunction, ofVFs isOfVFs: Bool = false) -> String {
    func digits(_ value: UInt32, _ count: Int) -> String {
      let text = String(value, radix: 16, uppercase: true)
      return String(repeating: "0", count: count - text.utf8.count) + text
    }
    let code = function.deviceClass.code
    let device = isOfVFs ? function.sriov?.deviceID?.value ?? function.id.device : function.id.device
    return "pci:v" + digits(UInt32(function.id.vendor), 8) + "d" + digits(UInt32(device), 8)
      + "sv" + digits(UInt32(function.subsystem?.vendor ?? 0), 8)
      + "sd" + digits(UInt32(function.subsystem?.device ?? 0), 8)
      + "bc" + digits(code >> 16, 2) + "sc" + digits(code >> 8 & 0xFF, 2) + "i" + digits(code & 0xFF, 2)
  }

  /// Matches like fnmatch(3), but with `*` only: depmod writes no other wildcard for PCI. The time is linear,
  /// because only the last `*` is backtracked to.
  static func matches(_ text: Bytes, _ pattern: Bytes) -> Bool {
    var (at, next) = (0, 0)
    var star: (pattern: Int, text: Int)?
    while at < text.count {
      if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
        star = (next, at)
        next += 1
      } else if next < pattern.count, pattern[next] == text[at] {
        next += 1
        at += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        next = last.pattern + 1
        at = last.text + 1
      } else {
        return false
      }
    }
    while next < pattern.count, pattern[next] == UInt8(ascii: "*") { next += 1 }
    return next == pattern.count
  }
}

import Glibc
import HostModel
import SystemPackage

/// Which module the kernel would load for a function, by `modules.alias`.
enum ModuleAliases {
  /// The modules of those functions for which exactly one is named: where two are, nothing tells which of
  /// them would take the function.
  static func modules(
    for functions: [PCIFunction], release: String, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> [PCIAddress: String] {
    guard !functions.isEmpty, isFileName(release),
      let file = try? tree.file("lib/modules/\(release)/modules.alias")
    else { return [:] }
    let searched = Dictionary(grouping: functions, by: modalias)
      .map { (pattern: Array($0.utf8), functions: $1) }
    var found = [Set<String>](repeating: [], count: searched.count)
    try? file.lines(upTo: 64 << 20, scratch) { line in
      guard line.hasPrefix("alias pci:v") else { return true }
      var rest = line.dropping(6)
      let pattern = Bytes.cut(&rest, at: UInt8(ascii: " "))
      for (index, search) in searched.enumerated()
      where search.pattern.withUnsafeBufferPointer({ matches($0, pattern) }) {
        let module = rest.trimmed.text
        if isFileName(module), Drivers.isHosts(module) { found[index].insert(module) }
      }
      return true
    }
    var modules: [PCIAddress: String] = [:]
    for (search, names) in zip(searched, found) where names.count == 1 {
      for function in search.functions { modules[function.address] = names.first }
    }
    return modules
  }

  /// As the kernel makes it (`pci_uevent`).
  static func modalias(_ function: PCIFunction) -> String {
    func digits(_ value: UInt32, _ count: Int) -> String {
      let text = String(value, radix: 16, uppercase: true)
      return String(repeating: "0", count: count - text.utf8.count) + text
    }
    let code = function.deviceClass.code
    return "pci:v" + digits(UInt32(function.id.vendor), 8) + "d" + digits(UInt32(function.id.device), 8)
      + "sv" + digits(UInt32(function.subsystem?.vendor ?? 0), 8)
      + "sd" + digits(UInt32(function.subsystem?.device ?? 0), 8)
      + "bc" + digits(code >> 16, 2) + "sc" + digits(code >> 8 & 0xFF, 2) + "i" + digits(code & 0xFF, 2)
  }

  /// As fnmatch(3) does with `*` only, which is all that depmod writes for PCI. Linear: after a later
  /// `*`, an earlier one need not be tried again.
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

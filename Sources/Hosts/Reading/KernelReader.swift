import Files
import Glibc
import HostModel
import SystemPackage

/// Reads the kernel's release, its drivers and modules, and the parameters it was started with.
enum KernelReader {
  /// Reads the kernel. What cannot be read is `unavailable` or nil.
  static func read(_ tree: borrowing Tree, _ scratch: Scratch) -> Kernel {
    let release = firstLine("proc/sys/kernel/osrelease", tree, scratch).value
    return Kernel(
      // The release becomes part of a path (`/lib/modules/RELEASE`), so it is checked.
      release: release.flatMap { isFileName($0) ? $0 : nil },
      commandLine: firstLine("proc/cmdline", tree, scratch), processor: processor(tree, scratch),
      drivers: drivers(tree), modules: modules(tree, scratch), bootLoaderFiles: BootLoader.files(tree),
      bootID: firstLine("proc/sys/kernel/random/boot_id", tree, scratch).value, hasVFIO: hasVFIO(tree),
      numaNodes: NUMANodeReader.read(tree, scratch))
  }

  /// The first line of a file, without white space at its ends.
  static func firstLine(_ path: String, _ tree: borrowing Tree, _ scratch: Scratch) -> Observed<String> {
    do {
      let bytes = try tree.file(path).start(upTo: 65536, scratch)
      return .known(Bytes(rebasing: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }).trimmed.text)
    } catch { return .unavailable(tree.name(of: path) + ": " + error.description) }
  }

  /// The vendor of the host's IOMMU. An ACPI table decides, because the vendor of a virtual processor may be
  /// arbitrary.
  private static func processor(_ tree: borrowing Tree, _ scratch: Scratch) -> Kernel.Processor {
    for (table, maker) in [("DMAR", Kernel.Processor.intel), ("IVRS", .amd), ("IORT", .arm)]
    where (try? tree.file("sys/firmware/acpi/tables/" + table)) != nil { return maker }
    // Only the start of the file is read: the first processor is enough, and the whole file can be a
    // megabyte.
    guard var rest = try? tree.file("proc/cpuinfo").start(upTo: 4096, scratch) else { return .other }
    while !rest.isEmpty {
      let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
      if line.hasPrefix("CPU implementer") { return .arm }
      guard line.hasPrefix("vendor_id"), let colon = line.index(of: UInt8(ascii: ":")) else { continue }
      let vendor = line.dropping(colon + 2).trimmed
      if vendor.isEqual(to: "GenuineIntel") { return .intel }
      if vendor.isEqual(to: "AuthenticAMD") || vendor.isEqual(to: "HygonGenuine") { return .amd }
      return .other
    }
    return .other
  }

  /// Whether `/dev/vfio/vfio` exists. Only its name is looked up, because opening it loads the module. Nil
  /// for a tree that has no `/dev`.
  private static func hasVFIO(_ tree: borrowing Tree) -> Bool? {
    if let names = try? tree.folder("dev/vfio").names() { return names.contains("vfio") }
    guard let names = try? tree.folder("dev").names(), !names.contains("vfio") else { return nil }
    return false
  }

  private static func drivers(_ tree: borrowing Tree) -> Observed<[String]> {
    do { return .known(try tree.folder("sys/bus/pci/drivers").names().filter { isFileName($0) }) } catch {
      return .unavailable(tree.name(of: "sys/bus/pci/drivers") + ": " + error.description)
    }
  }

  private static func modules(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[String]> {
    var names: [String] = []
    do {
      try tree.file("proc/modules").lines(upTo: 4 << 20, scratch) { line in
        var line = line
        let name = Bytes.cut(&line, at: UInt8(ascii: " ")).text
        if isFileName(name) { names.append(name) }
        return true
      }
    } catch { return .unavailable(tree.name(of: "proc/modules") + ": " + error.description) }
    return .known(names.sorted())
  }
}

/// The files in which the kernel parameters of this host are set, for messages that name the file
/// to edit.
enum BootLoader {
  private static let files = [
    "etc/default/grub", "etc/kernel/cmdline", "boot/grub/grub.cfg", "boot/grub2/grub.cfg",
    "boot/extlinux/extlinux.conf", "boot/firmware/cmdline.txt",
  ]
  private static let folders = [
    ("etc/default/grub.d", ".cfg"), ("etc/kernel/cmdline.d", ".conf"), ("boot/loader/entries", ".conf"),
    ("efi/loader/entries", ".conf"), ("boot/efi/loader/entries", ".conf"),
  ]

  /// The files that exist on this host.
  static func files(_ tree: borrowing Tree) -> [String] {
    var found: [String] = []
    for path in files where (try? tree.file(path)) != nil { found.append("/" + path) }
    for (path, suffix) in folders {
      let names = (try? tree.folder(path).names(upTo: 1024)) ?? []
      for name in names where name.hasSuffix(suffix) && isFileName(name) { found.append("/\(path)/\(name)") }
    }
    return found
  }
}

import Files
import HostModel
import SystemPackage

/// The files of kernel modules and the options that are set for them.
enum ModuleFiles {
  /// Where a module of the running kernel is, from the indexes that depmod(8) writes.
  ///
  /// - Parameter release: the release of the kernel; nil if it is unknown.
  static func find(
    _ name: String, release: String?, _ tree: borrowing Tree, _ scratch: Scratch
  ) -> Observed<ModuleFile> {
    guard let release else { return .unavailable("the kernel release is unknown") }
    let folder = "lib/modules/" + release
    do {
      if try line(in: folder + "/modules.builtin", of: name, tree, scratch) != nil { return .known(.builtIn) }
      let found = try line(in: folder + "/modules.dep", of: name, tree, scratch)
      return .known(found.map { .loadable($0) } ?? .missing)
    } catch { return .unavailable(tree.name(of: folder) + ": " + error.description) }
  }

  /// The path of the module in a line such as `kernel/drivers/vfio/pci/vfio-pci.ko.xz: …`; nil if no line is
  /// for it.
  private static func line(
    in file: String, of name: String, _ tree: borrowing Tree, _ scratch: Scratch
  ) throws(Errno) -> String? {
    let wanted = Drivers.normalised(name)
    var found: String?
    try tree.file(file).lines(upTo: 64 << 20, scratch) { line in
      var rest = line
      let path = Bytes.cut(&rest, at: UInt8(ascii: ":"))
      var base = path.lastComponent
      let module = Bytes.cut(&base, at: UInt8(ascii: "."))
      // Names of another length are skipped without a conversion to text, as most are.
      guard module.count == wanted.utf8.count, Drivers.normalised(module.text) == wanted else { return true }
      found = path.trimmed.text
      return false
    }
    return found
  }

  private static let parameters = [
    ("vfio_iommu_type1", "allow_unsafe_interrupts"), ("vfio", "enable_unsafe_noiommu_mode"),
  ]

  /// The current parameters of the loaded VFIO modules, as `MODULE.PARAMETER`.
  static func settings(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[String: String]> {
    var found: [String: String] = [:]
    for (module, parameter) in parameters {
      do {
        let folder = try tree.folder("sys/module/\(module)/parameters")
        guard let value = try folder.readIfPresent(parameter, scratch) else { continue }
        found["\(module).\(parameter)"] = value.trimmed.text
      } catch  where error == .noSuchFileOrDirectory {
        continue
      } catch {
        return .unavailable(tree.name(of: "sys/module/\(module)/parameters: ") + error.description)
      }
    }
    return .known(found)
  }

  private static let folders = ["etc/modprobe.d", "run/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d"]

  /// The `options` lines for VFIO modules in modprobe's configuration (modprobe.d(5)).
  static func options(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<[ModuleOption]> {
    var found: [ModuleOption] = []
    var seen: Set<String> = []
    for folder in folders {
      let names: [String]
      do { names = try tree.folder(folder).names(upTo: 1024) } catch  where error == .noSuchFileOrDirectory {
        continue
      } catch { return .unavailable(tree.name(of: folder) + ": " + error.description) }
      // If several folders have a file of the same name, the first one counts.
      for name in names where name.hasSuffix(".conf") && isFileName(name) && seen.insert(name).inserted {
        let path = folder + "/" + name
        do { try read(path, tree, scratch, &found) } catch {
          return .unavailable(tree.name(of: path) + ": " + error.description)
        }
      }
    }
    return .known(found)
  }

  private static func read(
    _ path: String, _ tree: borrowing Tree, _ scratch: Scratch, _ found: inout [ModuleOption]
  ) throws(Errno) {
    var number = 0
    var options: [ModuleOption] = []
    try tree.file(path).lines(upTo: 1 << 20, scratch) { line in
      number += 1
      let words = line.text.split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.count > 2, words[0] == "options", Drivers.normalised(words[1]).hasPrefix("vfio") else {
        return true
      }
      options.append(
        ModuleOption(
          file: "/" + path, line: number, module: Drivers.normalised(words[1]),
          settings: Array(words.dropFirst(2))))
      return options.count < 256
    }
    found += options
  }
}

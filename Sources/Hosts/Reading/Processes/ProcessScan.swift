import Files
import Glibc
import HostModel
import SystemPackage

/// One scan of the processes of a host: which of them have device files of functions open, and in which
/// network namespaces they are. Links are read and not followed, so a file on a dead network mount cannot
/// block the scan.
struct ProcessScan {
  /// The processes that have each device file open.
  private(set) var holders: [DeviceFile: [Holder]] = [:]
  /// The network namespaces, by inode number.
  private(set) var namespaces: [UInt64: NetworkNamespace] = [:]
  /// Why the scan may be incomplete; nil if it is complete.
  private(set) var problem: String?
  private var mountNamespaces: Set<UInt64> = []

  /// - Parameter looksForFiles: whether to read the open files of processes. There may be thousands.
  init(_ tree: borrowing Tree, looksForFiles: Bool, _ scratch: Scratch) {
    do {
      let proc = try tree.folder("proc")
      // In a PID namespace other than the initial one, processes of the host are not visible. The initial
      // namespace has this inode number (PROC_PID_INIT_INO in include/linux/proc_ns.h).
      if tree.isLive, try !tree.folder("proc/self/ns").link("pid", scratch).isEqual(to: "pid:[4026531836]") {
        problem = "the processes of the host are not visible in this PID namespace"
      }
      for process in try proc.processes() {
        // A process that has ended in the meantime has no open files and is in no namespace.
        var place = "fd"
        do {
          if looksForFiles { try scanFiles(of: process, proc, scratch) }
          place = "ns"
          if tree.isLive { try scanNamespaces(of: process, proc, scratch) }
        } catch {
          if error == .noSuchFileOrDirectory || error == .noSuchProcess { continue }
          let who = error == .permissionDenied || error == .notPermitted ? "not root: " : ""
          problem = problem ?? who + tree.name(of: "proc/\(process)/\(place)") + ": " + error.description
        }
      }
    } catch {
      if tree.isLive || error != .noSuchFileOrDirectory {
        problem = tree.name(of: "proc") + ": " + error.description
      }
    }
  }

  /// A scan of this machine for namespaces only.
  static func namespacesOfThisMachine() -> ProcessScan {
    do { return ProcessScan(try Tree("/"), looksForFiles: false, Scratch(capacity: 64 << 10)) } catch {
      return ProcessScan(problem: "/: " + error.description)
    }
  }

  /// A scan without processes.
  static let empty = ProcessScan(problem: nil)

  private init(problem: String?) { self.problem = problem }

  private mutating func scanFiles(
    of process: Int, _ proc: borrowing Folder, _ scratch: Scratch
  ) throws(Errno) {
    var files: Set<DeviceFile> = []
    // The folder is opened by its whole path, because there are hundreds of processes, most of them kernel
    // threads without open files.
    try proc.entries(of: "\(process)/fd") { open, name in
      // The file may have been closed in the meantime.
      guard let link = try? Folder.link(name, in: open, scratch) else { return true }
      if let file = DeviceFile(link) { files.insert(file) }
      // A network namespace exists as long as its file is open, even without processes.
      if let number = Self.number(of: link, kind: "net:[") {
        namespaces[number, default: NetworkNamespace(number)]
          .add(file: "/proc/\(process)/fd/\(String(cString: name))")
      }
      return true
    }
    guard !files.isEmpty else { return }
    let holder = Holder(process: process, command: Self.command(of: process, proc, scratch))
    for file in files {
      var holder = holder
      holder.device = file.path
      holders[file, default: []].append(holder)
    }
  }

  private mutating func scanNamespaces(
    of process: Int, _ proc: borrowing Folder, _ scratch: Scratch
  ) throws(Errno) {
    let folder = try proc.folder("\(process)").folder("ns")
    if let number = Self.number(of: try folder.link("net", scratch), kind: "net:[") {
      var found = namespaces[number] ?? NetworkNamespace(number)
      if found.process == nil { found.process = (process, Self.command(of: process, proc, scratch)) }
      found.add(file: "/proc/\(process)/ns/net")
      namespaces[number] = found
    }
    // Mounts differ between mount namespaces, so each mount namespace is read once: a network namespace of
    // `ip netns add` has a mount and possibly no process.
    guard let number = Self.number(of: try folder.link("mnt", scratch), kind: "mnt:["),
      mountNamespaces.insert(number).inserted
    else { return }
    try scanMounts(of: process, proc, scratch)
  }

  private mutating func scanMounts(
    of process: Int, _ proc: borrowing Folder, _ scratch: Scratch
  ) throws(Errno) {
    let folder = try proc.folder("\(process)")
    let file = try folder.file("mountinfo")
    try file.lines(upTo: 64 << 20, scratch) { line in
      // The fields are mount id, parent id, device, root, mount point, and others (proc_pid_mountinfo(5)).
      let fields = line.fields
      guard fields.count > 4, let number = Self.number(of: fields[3], kind: "net:[") else { return true }
      let path = Self.unescaped(fields[4])
      var found = namespaces[number] ?? NetworkNamespace(number)
      found.name = found.name ?? path.split(separator: "/").last.map(String.init)
      found.add(file: "/proc/\(process)/root" + path)
      namespaces[number] = found
      return true
    }
  }

  private static func command(of process: Int, _ proc: borrowing Folder, _ scratch: Scratch) -> String {
    (try? proc.folder(String(process)).read("comm", scratch).trimmed.text) ?? ""
  }

  /// The inode number in a link such as `net:[4026531840]`.
  private static func number(of link: Bytes, kind: StaticString) -> UInt64? {
    guard link.hasPrefix(kind), link.last == UInt8(ascii: "]") else { return nil }
    return Bytes(rebasing: link.dropping(kind.utf8CodeUnitCount).dropLast()).decimal.map(UInt64.init)
  }

  /// Decodes the octal escapes of mountinfo, which stand for spaces, tabs, newlines and backslashes.
  private static func unescaped(_ bytes: Bytes) -> String {
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "\\"), at + 3 < bytes.count,
        let byte = UInt8(Bytes(rebasing: bytes[at + 1...at + 3]).text, radix: 8)
      {
        result.append(byte)
        at += 4
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

import Files
import HostModel

extension ProcessIdentity {
  /// Reads the start time of a process and the boot id of the kernel, which together with the process id
  /// identify it. Nil if `/proc` does not show the process: processes of an outer PID namespace are not
  /// visible.
  public init?(of process: Int, in root: String = "/") {
    guard process > 0, let tree = try? Tree(root) else { return nil }
    let scratch = Scratch(capacity: 64 << 10)
    guard let stat = try? tree.file("proc/\(process)/stat").start(upTo: 4096, scratch),
      let start = Self.start(stat: stat),
      let boot = KernelReader.firstLine("proc/sys/kernel/random/boot_id", tree, scratch).value, isUUID(boot)
    else { return nil }
    self.init(number: process, start: start, boot: boot)
  }

  /// Field 22 of `/proc/PID/stat`, the start time in clock ticks since boot (proc_pid_stat(5)): the 20th
  /// field after the name. The name may contain spaces and brackets: `812 (qemu-system-x86) S 790 …`.
  private static func start(stat: Bytes) -> Int? {
    guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat.dropping(close + 1).fields
    return fields.count > 19 ? fields[19].trimmed.decimal : nil
  }
}

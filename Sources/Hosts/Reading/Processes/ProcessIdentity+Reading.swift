import Files
import HostModel

extension ProcessIdentity {
  /// Nil where /proc does not show the process: one of another PID namespace has no number here.
  public init?(of process: Int, in root: String = "/") {
    guard process > 0, let tree = try? Tree(root) else { return nil }
    let scratch = Scratch(capacity: 64 << 10)
    guard let stat = try? tree.file("proc/\(process)/stat").start(upTo: 4096, scratch),
      let start = Self.start(stat: stat),
      let boot = KernelReader.firstLine("proc/sys/kernel/random/boot_id", tree, scratch).value, isUUID(boot)
    else { return nil }
    self.init(number: process, start: start, boot: boot)
  }

  /// `812 (qemu-system-x86) S 790 …`, in which a name may have spaces and brackets: the 20th field behind it.
  private static func start(stat: Bytes) -> Int? {
    guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat.dropping(close + 1).fields
    return fields.count > 19 ? fields[19].trimmed.decimal : nil
  }
}

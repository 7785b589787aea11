import Files
import Glibc
import HostModel
import SystemPackage

/// The virtualization features of the processor and the interrupt controllers.
enum ProcessorReader {
  private static let wanted: Set = ["vmx", "svm", "hypervisor"]

  /// Which of `vmx`, `svm` and `hypervisor` the first processor has; the others have the same.
  static func flags(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<Set<String>> {
    do {
      var rest = try tree.file("proc/cpuinfo").start(upTo: 65536, scratch)
      while !rest.isEmpty {
        let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
        guard line.hasPrefix("flags"), let colon = line.index(of: UInt8(ascii: ":")) else { continue }
        return .known(Set(line.dropping(colon + 1).fields.map(\.text)).intersection(wanted))
      }
      // Other architectures have no such line.
      return .known([])
    } catch { return .unavailable(tree.name(of: "proc/cpuinfo") + ": " + error.description) }
  }

  /// Whether `/dev/kvm` can be opened. A captured tree has no device files.
  static func kvm(_ tree: borrowing Tree) -> Observed<KVMDevice> {
    guard tree.isLive else { return .unavailable("a captured file tree has no devices") }
    let descriptor = open("/dev/kvm", O_RDWR | O_CLOEXEC)
    guard descriptor < 0 else {
      close(descriptor)
      return .known(.usable)
    }
    let error = Errno(rawValue: errno)
    return .known(error == .noSuchFileOrDirectory ? .missing : .refused(error.description))
  }

  /// Whether interrupts are remapped, from the names of the controllers in `/proc/interrupts`: those of
  /// remapped ones begin with `IR-`. Arm's Interrupt Translation Service (ITS) always remaps.
  static func interrupts(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<InterruptRemapping> {
    var result = InterruptRemapping.unknown
    do {
      try tree.file("proc/interrupts").lines(upTo: 16 << 20, scratch) { line in
        for word in line.fields {
          if word.hasPrefix("IR-") || word.hasPrefix("ITS") {
            result = .on
            return false
          }
          if word.hasPrefix("IO-APIC") || word.hasPrefix("PCI-MSI") { result = .off }
        }
        return true
      }
      return .known(result)
    } catch { return .unavailable(tree.name(of: "proc/interrupts") + ": " + error.description) }
  }

  /// The names of the ACPI tables.
  static func firmwareTables(_ tree: borrowing Tree) -> Observed<Set<String>> {
    do { return .known(Set(try tree.folder("sys/firmware/acpi/tables").names(upTo: 1024))) } catch {
      return .unavailable(tree.name(of: "sys/firmware/acpi/tables") + ": " + error.description)
    }
  }
}

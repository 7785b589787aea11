import Files
import Glibc
import HostModel
import SystemPackage

/// What the processor and the interrupts' controllers show of virtualization.
enum ProcessorReader {
  private static let wanted: Set = ["vmx", "svm", "hypervisor"]

  /// Of the first processor: the others have the same.
  static func flags(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<Set<String>> {
    do {
      var rest = try tree.file("proc/cpuinfo").start(upTo: 65536, scratch)
      while !rest.isEmpty {
        let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
        guard line.hasPrefix("flags"), let colon = line.index(of: UInt8(ascii: ":")) else { continue }
        return .known(Set(line.dropping(colon + 1).fields.map(\.text)).intersection(wanted))
      }
      // Arm's and others' have none of these.
      return .known([])
    } catch { return .unavailable(tree.name(of: "proc/cpuinfo") + ": " + error.description) }
  }

  /// Device files are the running kernel's; a tree of files tells nothing of them.
  static func kvm(_ tree: borrowing Tree) -> Observed<KVMDevice> {
    guard tree.isLive else { return .unavailable("a tree of files has no devices") }
    let descriptor = open("/dev/kvm", O_RDWR | O_CLOEXEC)
    guard descriptor < 0 else {
      close(descriptor)
      return .known(.usable)
    }
    let error = Errno(rawValue: errno)
    return .known(error == .noSuchFileOrDirectory ? .missing : .refused(error.description))
  }

  /// The controllers' names, which `/proc/interrupts` has behind the counts: those of remapped ones begin with `IR-`;
  /// Arm's translation service (ITS) remaps by itself.
  static func interrupts(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<InterruptRemapping> {
    var result = InterruptRemapping.untold
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

  static func firmwareTables(_ tree: borrowing Tree) -> Observed<Set<String>> {
    do { return .known(Set(try tree.folder("sys/firmware/acpi/tables").names(upTo: 1024))) } catch {
      return .unavailable(tree.name(of: "sys/firmware/acpi/tables") + ": " + error.description)
    }
  }
}

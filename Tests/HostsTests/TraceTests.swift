import HostModel
import Synchronization
import Testing

@testable import Hosts

@Suite("The trace of writes and programs")
struct TraceTests {
  /// An address that no bus has.
  private let address = PCIAddress(domain: 0xFFFF, bus: 0xFF, device: 31, function: 7)

  @Test("has each write before it is done")
  func order() throws {
    let address = try #require(address)
    let told = Told()
    let silent = Observed<[GuestState]>.unavailable("")
    let sysfs = Sysfs(
      reader: HostReader(libvirt: silent, qemu: silent), deadline: .seconds(5), trace: told.add)
    #expect(throws: HostFailure.self) { try sysfs.setOverride("vfio-pci", of: address) }
    #expect(throws: HostFailure.self) { try sysfs.setOverride(nil, of: address) }
    #expect(
      told.lines == [
        "write vfio-pci to /sys/bus/pci/devices/ffff:ff:1f.7/driver_override",
        "write nothing to /sys/bus/pci/devices/ffff:ff:1f.7/driver_override",
      ])
  }

  @Test("is empty for an invalid module name, as no program is run")
  func nothing() {
    let told = Told()
    #expect(throws: HostFailure.self) { try KernelModules.load("../x", told.add) }
    #expect(told.lines == [])
  }

  private final class Told: Sendable {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }
    @Sendable func add(_ line: String) { all.withLock { $0.append(line) } }
  }
}

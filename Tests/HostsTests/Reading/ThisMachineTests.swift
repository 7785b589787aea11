import Files
import HostModel
import Testing

@testable import Hosts

@Suite struct `This machine` {
  @Test(.enabled(if: (try? Tree("/").folder("sys/bus/pci/devices")) != nil))
  func `it can be read`() throws {
    let reading = try HostReader(hostName: "this", libvirt: .known([]), qemu: .known([])).read()
    #expect(reading.state.functions.allSatisfy { $0.unreadable == [] && $0.id != .unreadable })
    #expect(reading.state.kernel.release != nil)
  }
}

import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("The line of what goes on")
struct RunningLineTests {
  private let line = RunningLine(
    "  3/6  detach 0000:03:00.0 (lan) from the running winxp", wait: "winxp has 20 s to let it go")

  @Test("tells the time, and after a while what is waited for and how long")
  func time() {
    #expect(
      line.text(after: .milliseconds(900), width: nil)
        == "  3/6  detach 0000:03:00.0 (lan) from the running winxp: …")
    #expect(line.text(after: .seconds(2), width: nil).hasSuffix("winxp: 2 s"))
    #expect(
      line.text(after: .milliseconds(3100), width: nil).hasSuffix("winxp: 3 s; winxp has 20 s to let it go"))
  }

  @Test("has room in one row, however narrow, and its time is what goes last", arguments: 1...120)
  func width(_ width: Int) {
    let text = line.text(after: .seconds(7), width: width)
    #expect(textWidth(text) < max(width, 2))
    if width > 50 { #expect(text.hasSuffix(": 7 s; winxp has 20 s to let it go")) }
  }

  @Test("says who has how long")
  func patience() throws {
    let address = pci("03:00.0")
    let hostdev = Hostdev(address: address, alias: nil, isManaged: true)
    let patience = Patience(step: 60, unplug: 20)
    func words(_ action: Action) -> String? { action.report.waiting(patience) }
    let live = Placement(guest: .libvirt(domain: "winxp"), part: .live)
    let defined = Placement(guest: .libvirt(domain: "winxp"), part: .persistent)
    let qemu = Placement(guest: .qemu(socket: "/run/probe"), part: .live)
    #expect(words(.detach(hostdev, live)) == "winxp has 20 s to let it go")
    #expect(words(.detach(hostdev, defined)) == "libvirt has 60 s to answer")
    #expect(words(.attach(hostdev, qemu)) == "QEMU has 60 s to answer")
    let binding = Binding(driver: "igb", override: nil)
    #expect(words(.bind(address, from: binding, to: binding)) == "the kernel has 60 s for each write")
    #expect(words(.load(module: "vfio-pci")) == nil)
  }
}

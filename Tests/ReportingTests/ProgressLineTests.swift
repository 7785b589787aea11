import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("The progress line")
struct RunningLineTests {
  private let line = ProgressLine(
    "  3/6  STEP", wait: "WAIT 20 s")

  @Test("shows the elapsed time, and after 3 s also the wait and its limit")
  func time() {
    #expect(
      line.text(after: .milliseconds(900), width: nil)
        == "  3/6  STEP: …")
    #expect(line.text(after: .seconds(2), width: nil).hasSuffix("STEP: 2 s"))
    #expect(
      line.text(after: .milliseconds(3100), width: nil).hasSuffix("STEP: 3 s; WAIT 20 s"))
  }

  @Test(
    "fits into one row of any width, and is complete in more than 50 columns", arguments: 1...120)
  func width(_ width: Int) {
    let text = line.text(after: .seconds(7), width: width)
    #expect(textWidth(text) < max(width, 2))
    if width > 50 { #expect(text.hasSuffix(": 7 s; WAIT 20 s")) }
  }

  @Test("names the program or guest that must answer, and its time limit")
  func timeouts() throws {
    let address = pci("03:00.0")
    let hostdev = Hostdev(address: address, alias: nil, isManaged: true)
    let timeouts = Timeouts(step: .seconds(60), unplug: .seconds(20))
    func words(_ action: Action) -> String? { action.report.waiting(timeouts, guest: "winxp") }
    let live = Placement(guest: .libvirt(domain: "winxp"), part: .live)
    let defined = Placement(guest: .libvirt(domain: "winxp"), part: .persistent)
    let qemu = Placement(guest: .qemu(socket: "/run/probe"), part: .live)
    #expect(words(.detach(hostdev, live)).names("winxp", "20 s"))
    #expect(words(.detach(hostdev, defined)).names("libvirt", "60 s"))
    #expect(words(.attach(hostdev, qemu)).names("QEMU", "60 s"))
    let binding = Binding(driver: "igb", override: nil)
    #expect(words(.bind(address, from: binding, to: binding)).names("60 s"))
    #expect(words(.load(module: "vfio-pci")) == nil)
  }
}

import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

/// The behaviour was measured with libvirt 11.3; see docs/host-behaviour.md.
@Suite("The start of a guest by the simulated libvirt")
struct SimulatedStartTests {
  private let sriov = HostdevNetwork(name: "sriov", isActive: true, interfaces: ["eth30"])

  private func guest(_ name: String, _ persistent: [Hostdev] = [], networks: [String] = []) -> GuestState {
    GuestState(name: name, run: .shutoff, persistent: persistent, live: nil, networks: networks)
  }

  private func host(_ guests: [GuestState], _ network: HostdevNetwork? = nil) -> SimulatedHost {
    SimulatedHost(
      state(pool(count: 2), libvirt: guests) { $0.networks = .known([network ?? sriov]) })
  }

  private func live(_ name: String, on host: SimulatedHost) -> [Hostdev]? {
    host.state.libvirt.value?.first { $0.name == name }?.live
  }

  @Test("assigns the first available VF of a network, and fails where none is left")
  func members() throws {
    let host = host(["one", "two", "three"].map { guest($0, networks: ["sriov"]) })
    try host.start("one")
    try host.start("two")
    #expect(live("one", on: host)?.map(\.address) == [pci("03:10.0")])
    #expect(live("two", on: host)?.map(\.address) == [pci("03:10.2")])
    #expect(live("two", on: host)?.map(\.network) == ["sriov"])
    #expect(host.state[pci("03:10.2")]?.driver == "vfio-pci")
    let failure = failure { () throws(HostFailure) in try host.start("three") }
    #expect(failure?.message.contains("none are available") == true)
    #expect(live("three", on: host) == nil)
  }

  @Test("fails where the network is inactive, or its VF is in use by this or another domain")
  func refused() throws {
    var inactive = sriov
    inactive.isActive = false
    let one = guest("one", networks: ["sriov"])
    let stopped = host([one], inactive)
    #expect(
      failure { () throws(HostFailure) in try stopped.start("one") }?.message.contains(
        "network 'sriov' is not active") == true)
    let twice = host([guest("one", [marked("03:10.0", "net0")], networks: ["sriov"])])
    #expect(
      failure { () throws(HostFailure) in try twice.start("one") }?.message.contains(
        "PCI device 0000:03:10.0 allocated from network sriov is already in use by domain one") == true)
    let taken = host([one, guest("other", [marked("03:10.0", "net0")])])
    try taken.start("other")
    #expect(
      failure { () throws(HostFailure) in try taken.start("one") }?.message.contains(
        "PCI device 0000:03:10.0 is in use by driver QEMU, domain other") == true)
  }

  @Test("prevents an attach of its network's VF to another guest")
  func attached() throws {
    let host = host([guest("one", networks: ["sriov"]), running("other")])
    try host.start("one")
    let failure = failure { () throws(HostFailure) in
      try host.perform(
        .attach(marked("03:10.0", "net0"), Placement(guest: .libvirt(domain: "other"), part: .live)), step: ""
      )
    }
    #expect(failure?.message.contains("is in use by driver QEMU, domain one") == true)
  }

  @Test(
    "restores the devices of a saved image, deletes the image and keeps the definition"
  )
  func images() throws {
    var saved = guest("one", [marked("03:10.0", "net0")])
    saved.saved = SavedImage(devices: .known([]))
    let host = host([saved])
    try host.start("one")
    #expect(live("one", on: host) == [])
    let now = host.state.libvirt.value?.first
    #expect(now?.saved == nil && now?.persistent?.count == 1)
  }

  @Test("keeps a saved image whose devices are missing")
  func lost() throws {
    var saved = guest("one")
    saved.saved = SavedImage(devices: .known([marked("04:00.0", "net0")]))
    let host = host([saved])
    #expect(failure { () throws(HostFailure) in try host.start("one") } != nil)
    let now = host.state.libvirt.value?.first
    #expect(now?.saved != nil && now?.live == nil && now?.run == .shutoff)
  }
}

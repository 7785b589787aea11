import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("A host's topology")
struct TopologyTests {
  private func parents(_ topology: Topology) -> [String: String?] {
    Dictionary(
      topology.functions.map { ("\($0.address)", $0.parent.map { "\($0)" }) },
      uniquingKeysWith: { one, _ in one })
  }

  @Test("each bridge on a path appears once")
  func bridges() {
    let seen = state([
      nic("05:00.0") { $0.path = "pci0000:00/0000:00:01.0/0000:03:00.0/0000:04:01.0/0000:05:00.0" },
      nic("06:00.0") { $0.path = "pci0000:00/0000:00:01.0/0000:03:00.0/0000:04:02.0/0000:06:00.0" },
      nic("00:19.0") { $0.path = "pci0000:00/0000:00:19.0" },
    ])
    let topology = Topology(seen)
    #expect(
      parents(topology) == [
        "0000:00:01.0": nil, "0000:03:00.0": "0000:00:01.0", "0000:04:01.0": "0000:03:00.0",
        "0000:05:00.0": "0000:04:01.0", "0000:04:02.0": "0000:03:00.0", "0000:06:00.0": "0000:04:02.0",
        "0000:00:19.0": nil,
      ])
    #expect(topology.functions.map { "\($0.address)" }.first == "0000:00:01.0")
    #expect(topology.functions.filter { $0.role == .port }.count == 4)
  }

  @Test("a function without a path, or with another function's path, has no parent")
  func unknownPlace() {
    let seen = state([
      nic("05:00.0") { $0.path = nil }, nic("06:00.0") { $0.path = "pci0000:00/0000:00:01.0" },
    ])
    #expect(parents(Topology(seen)) == ["0000:05:00.0": nil, "0000:06:00.0": nil])
  }

  @Test("a cycle of paths or of VFs ends with each function listed once")
  func circles() {
    func part(of port: String) -> VirtualFunction { VirtualFunction(physicalFunction: pci(port), index: 0) }
    let seen = state([
      nic("05:00.0") { $0.path = "pci0000:00/0000:06:00.0/0000:07:00.0/0000:05:00.0" },
      nic("06:00.0") { $0.path = "pci0000:00/0000:05:00.0/0000:07:00.0/0000:08:00.0/0000:06:00.0" },
      nic("09:00.0") { $0.path = "pci0000:00/0000:08:00.0/0000:07:00.0/0000:09:00.0" },
      nic("0a:00.0") { ($0.path, $0.virtualFunction) = (nil, part(of: "0b:00.0")) },
      nic("0b:00.0") { ($0.path, $0.virtualFunction) = (nil, part(of: "0a:00.0")) },
      nic("0c:00.0") { ($0.path, $0.virtualFunction) = (nil, part(of: "0c:00.0")) },
    ])
    #expect(Set(Topology(seen).functions.map(\.address)).count == 8)
  }

  @Test("devices of guests appear also where they are not NICs or no longer exist")
  func others() throws {
    var seen = state([
      nic("05:00.0"), device("06:00.0", class: 0x010802, driver: "vfio-pci", group: 6),
      device("07:00.0", class: 0x010802, driver: "nvme", group: 7),
    ])
    seen.libvirt = .known([off("a", [foreign("06:00.0"), marked("08:00.0", "lost")])])
    let topology = Topology(seen)
    #expect(
      topology.functions.filter { $0.role == .other }.map { "\($0.address)" } == [
        "0000:06:00.0", "0000:08:00.0",
      ])
    #expect(topology.functions.last?.function == nil)
    #expect(topology.holdings.map(\.nic) == [nil, "lost"])
  }

  @Test("a guest whose devices are unknown appears, with the reason")
  func unknownGuests() {
    var seen = state([nic("05:00.0")])
    seen.libvirt = .unavailable("no libvirtd")
    seen.qemu = .known([
      GuestState(name: "/run/q.sock", run: .unknown, persistent: nil, live: nil, unavailable: "no answer")
    ])
    let topology = Topology(seen)
    #expect(topology.unknown == ["no libvirtd"])
    #expect(topology.guests.map(\.run.reason) == ["no answer"])
    #expect(topology.changes.guests.map(\.run.reason) == ["no answer"])
  }

  @Test("a refused NIC has its codes, and its claim is refused; others are listed separately")
  func refusals() throws {
    let seen = state(
      [
        nic("05:00.0", uses: .known([HostUse(.bridge, "br0")])), nic("06:00.0"),
      ], libvirt: [off("a")])
    let made = plan(
      host(
        """
        name: lan, select: {address: '0000:05:00.0'}
        name: wan, select: {address: '0000:06:00.0'}, expect: {id: '1234:5678'}
        name: gone, select: {address: '0000:07:00.0'}
        """) + guest("a", "name: n0, from: lan\nname: n1, from: wan"), on: seen)
    let topology = Topology(seen, plan: made)
    let marked = topology.functions.filter { $0.change == .refused }
    #expect(
      marked.map { "\($0.address) \($0.refusals)" } == [
        "0000:05:00.0 [\"host-network\"]", "0000:06:00.0 [\"expect\"]",
      ])
    #expect(topology.holdings.map(\.change) == [.refused, .refused])
    #expect(topology.holdings.map(\.nic) == ["n0", "n1"])
    #expect(topology.refusals.map(\.nic) == ["gone"])
  }
}

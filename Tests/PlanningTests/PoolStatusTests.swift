import Documents
import HostModel
import Planning
import TestSupport
import Testing

@Suite("The status of pools")
struct PoolStatusTests {
  /// Two ports with four VFs each, on NUMA nodes 0 and 1.
  private let ports = Self.port("03:00.0", 0) + Self.port("04:00.0", 1)
  private static let manifest = pools("name: fast, select: {id: '8086:10c9'}, virtualFunctions: {count: 4}")

  private static func port(_ short: String, _ node: Int?) -> [PCIFunction] {
    pool(short, count: 4, change: { $0.numaNode = node })
  }

  private static func pools(_ pool: String, nics: String = "") -> String {
    """
    ---
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv01}
    spec: {nics: [\(nics)], pools: [{\(pool)}]}

    """
  }

  /// A guest that may run on hv01 and on another host.
  private func roaming(_ name: String, _ claims: Int) -> String {
    let nics = (0..<claims).map { "{name: n\($0), from: fast}" }.joined(separator: ", ")
    return """
      ---
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: hv02}
      spec: {pools: [{name: fast, select: {id: '8086:10c9'}, virtualFunctions: {count: 4}}]}
      ---
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: \(name)}
      spec: {hosts: [hv01, hv02], nics: [\(nics)]}

      """
  }

  private func status(_ manifests: String..., on state: HostState) -> HostStatus {
    HostStatus(plan(manifests.joined(), on: state), on: state)
  }

  private func nodes(_ status: HostStatus) -> [Int?: MemberCounts]? {
    status.pools.first?.nodes.map { nodes in
      Dictionary(nodes.map { ($0.number, $0.counts) }) { one, _ in one }
    }
  }

  @Test("counts assigned, used and free members by NUMA node")
  func counts() throws {
    let mark = marked("03:10.0", "net0")
    var state = state(ports, libvirt: [running("vm", [mark]), off("other", [foreign("04:10.2")])])
    state = state.changing("04:10.4") { $0.holders = .known([qemu]) }
    let status = status(Self.manifest, guest("vm", "name: net0, from: fast"), on: state)
    #expect(
      nodes(status) == [0: MemberCounts(assigned: 1, free: 3), 1: MemberCounts(used: 2, free: 2)])
    let pool = try #require(status.pools.first)
    #expect(pool.counts == MemberCounts(assigned: 1, used: 2, free: 5) && pool.unavailable == nil)
    #expect(pool.others.map(\.address) == [pci("04:10.2"), pci("04:10.4")])
    #expect(pool.others.first?.because.contains("other") == true)
  }

  @Test("a NIC has what was claimed and why; one that its claim names does not")
  func assignment() throws {
    let state = state(
      ports, libvirt: [running("vm", [marked("03:10.0", "net0")]), off("new")])
    let status = status(
      Self.manifest, guest("vm", "name: net0, from: fast"),
      guest("new", "name: a, from: fast\nname: b, from: fast/1/2"), on: state)
    let kept = try #require(status.nics.first { $0.guestNIC == "net0" })
    #expect(kept.assignment?.from == "fast" && kept.assignment?.reason == .running)
    #expect(kept.name == "fast/0000:03:00.0/0")
    #expect(status.nics.first { $0.guestNIC == "a" }?.assignment?.reason == .chosen)
    #expect(status.nics.first { $0.guestNIC == "b" }?.assignment?.reason == .named)
    let plain = HostStatus(
      plan(
        host("name: lan, select: {address: '0000:03:00.0'}"), guest("vm", "name: n, from: lan"), on: state),
      on: state)
    #expect(plain.nics.allSatisfy { $0.assignment == nil } && plain.pools == [])
  }

  @Test("members kept for guests of other hosts count on the port with most free members")
  func kept() {
    let state = state(ports, libvirt: [running("vm", [marked("03:10.0", "net0")])])
    let vm = guest("vm", "name: net0, from: fast")
    #expect(
      nodes(status(Self.manifest, vm, roaming("roam", 2), on: state)) == [
        0: MemberCounts(assigned: 1, kept: 1, free: 2), 1: MemberCounts(kept: 1, free: 3),
      ])
    // No more are kept than there are.
    #expect(
      nodes(status(Self.manifest, vm, roaming("roam", 9), on: state)) == [
        0: MemberCounts(assigned: 1, kept: 3), 1: MemberCounts(kept: 4),
      ])
  }

  @Test("a pool whose claims exceed its members is blocked, and has none free")
  func exhausted() throws {
    let claims = (0..<9).map { "name: n\($0), from: fast" }.joined(separator: "\n")
    let status = status(Self.manifest, guest("vm", claims), on: state(ports, libvirt: [off("vm")]))
    #expect(status.pools.first?.counts == MemberCounts(assigned: 8))
    #expect(status.state == .blocked)
    let left = try #require(status.nics.first { $0.name == "fast" })
    #expect(left.state == .blocked && left.guest == "vm" && left.function == nil && left.isListed)
    #expect(left.findings.refusals.map(\.code) == [.poolExhausted])
    #expect(left.origin?.hasPrefix("t.yaml:") == true)
    let summary = HostSummary(status)
    #expect(summary.state == .blocked && summary.refusals == [.poolExhausted])
  }

  @Test("members are unknown, and not free, if it is unknown what guests have")
  func unknown() {
    var state = state(ports)
    state.libvirt = .unavailable("no libvirtd")
    let one = status(Self.manifest, guest("vm", "name: net0, from: fast"), on: state)
    #expect(nodes(one) == [0: MemberCounts(unknown: 4), 1: MemberCounts(unknown: 4)])
    #expect(one.pools.first?.unavailable == "no libvirtd")
    // The kernel shows which functions running processes have open.
    state.libvirt = .known([])
    state.qemu = .unavailable("no monitor")
    #expect(status(Self.manifest, on: state).pools.first?.counts == MemberCounts(free: 8))
    let hidden = state.changing("03:10.0") { $0.holders = .unavailable("not root") }
    let two = status(Self.manifest, on: hidden)
    #expect(two.pools.first?.counts == MemberCounts(free: 7, unknown: 1))
    #expect(two.pools.first?.unavailable == "no monitor")
  }

  @Test("a pool that is refused has no counts, and one with a wrong member counts its VFs as unknown")
  func refused() {
    let none = status(Self.pools("name: fast, select: {id: '15b3:1018'}"), on: state(ports))
    #expect(none.pools.first?.counts == nil && none.pools.first?.unavailable?.isEmpty == false)
    #expect(HostSummary(none).state == .blocked)
    let count = status(
      Self.pools("name: fast, select: {id: '8086:10c9'}, expect: {count: 3}"), on: state(ports))
    #expect(count.pools.first?.nodes == nil)
    let other = pool(
      "04:00.0", count: 4, change: { ($0.numaNode, $0.id) = (1, PCIID(vendor: 0x8086, device: 0x1521)) })
    let partly = status(
      Self.pools(
        "name: fast, select: {vendor: '8086'}, expect: {count: 2, device: '10c9'}, virtualFunctions: {count: 4}"
      ), on: state(Self.port("03:00.0", 0) + other))
    #expect(nodes(partly) == [0: MemberCounts(free: 4), 1: MemberCounts(unknown: 4)])
    #expect(partly.pools.first?.unavailable != nil)
  }

  @Test("whole ports and the VFs of a NIC are counted like the VFs of a pool")
  func others() {
    let ports = [nic("03:00.0"), nic("04:00.0")]
    let whole = status(
      Self.pools("name: fast, select: {id: '8086:10c9'}"), guest("vm", "name: a, from: fast"),
      on: state(ports, libvirt: [off("vm")]))
    #expect(whole.pools.map(\.nodes) == [[.init(number: nil, counts: MemberCounts(assigned: 1, free: 1))]])
    #expect(whole.pools.first?.hasNodes == false)
    // An unclaimed port is not listed.
    #expect(whole.nics.filter(\.isListed).map(\.guest) == ["vm"])
    let split = status(
      poolHost(4), guest("vm", "name: a, from: pool/any"),
      on: state(pool(count: 4), libvirt: [off("vm")]))
    #expect(split.pools.map(\.name) == ["pool"])
    #expect(split.pools.first?.counts == MemberCounts(assigned: 1, free: 3))
    #expect(status(poolHost(4), on: state(pool(count: 4))).pools == [])
  }

  @Test("explain finds a pool, with its members that are claimed or not in sync")
  func explained() throws {
    let state = state(ports, libvirt: [running("vm", [marked("03:10.0", "net0")])])
    let request = request(Self.manifest, guest("vm", "name: net0, from: fast"))
    let explainer = Explainer(request, on: state)
    let topic = try #require(explainer.meanings(of: "fast").first?.topic)
    #expect(explainer.meanings(of: "fast").count == 1 && topic == .nic("fast"))
    let explanation = explainer.explanation(of: topic)
    #expect(explanation.pool?.counts == MemberCounts(assigned: 1, free: 7))
    #expect(explanation.nics.compactMap(\.status?.guestNIC) == ["net0"])
  }

  @Test("a picture has the reason at the guest that gets the member")
  func picture() throws {
    let state = state(ports, libvirt: [running("vm", [marked("03:10.0", "net0")]), off("new")])
    let plan = plan(
      Self.manifest, guest("vm", "name: net0, from: fast"), guest("new", "name: a, from: fast"), on: state)
    let reasons = Topology(state, plan: plan).changes.holdings.map { $0.assignment?.reason }
    #expect(reasons.contains(.chosen))
    #expect(Set(Topology(state, plan: plan).holdings.map { $0.assignment?.reason }) == [.running, .chosen])
    #expect(Topology(state).holdings.allSatisfy { $0.assignment == nil })
  }
}

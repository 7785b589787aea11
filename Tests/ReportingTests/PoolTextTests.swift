import Documents
import Execution
import Files
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("The capacity of pools in output")
struct PoolTextTests {
  private static let split = PoolStatus(
    "fast",
    [
      (0, MemberCounts(assigned: 2, free: 1)), (1, MemberCounts(assigned: 1, kept: 1, used: 1, free: 3)),
    ])

  private func summary(_ host: String, _ states: Set<SyncState>, _ pools: [PoolStatus] = []) -> HostSummary {
    var summary = HostSummary(host: host, .read, unavailable: "")
    (summary.unavailable, summary.states, summary.pools) = (nil, states, pools)
    summary.nics = HostSummary.Differing(count: 9, differing: 2)
    summary.guests = HostSummary.Differing(count: 3, differing: 1)
    return summary
  }

  @Test("one line has the totals, and the numbers of each NUMA node if there are several")
  func line() {
    #expect(
      PoolText.line(Self.split) == "fast: 3 assigned, 1 kept, 1 used, 4 free (node 0: 2/0/1, node 1: 1/1/3)")
    #expect(
      PoolText.line(PoolStatus("a", [(1, MemberCounts(assigned: 1))])) == "a: 1 assigned, 0 free (node 1)")
    #expect(PoolText.line(PoolStatus("a", [(nil, MemberCounts(free: 2))])) == "a: 0 assigned, 2 free")
    #expect(
      PoolText.line(PoolStatus("a", [(nil, MemberCounts(unknown: 2))]))
        == "a: 0 assigned, 0 free, 2 unknown")
    #expect(PoolText.line(PoolStatus("a", nil)) == "a: unknown")
  }

  @Test("a table has a line for all members and one for each NUMA node, and names what is unknown")
  func table() {
    var partly = PoolStatus("slow", [(nil, MemberCounts(free: 1, unknown: 2))])
    partly.unavailable = "no libvirtd"
    var refused = PoolStatus("none", nil)
    refused.unavailable = "no NIC matches"
    let text = PoolText.table([Self.split, partly, refused], .plain, width: nil)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      lines == [
        "POOL NODE MEMBERS ASSIGNED KEPT USED FREE UNKNOWN", "fast all 9 3 1 1 4 0", "fast 0 3 2 0 0 1 0",
        "fast 1 6 1 1 1 3 0", "slow 3 0 0 0 1 2", "none unknown - - - -", "slow: unknown: no libvirtd",
        "none: unknown: no NIC matches",
      ])
  }

  @Test("CSV has a line for each NUMA node, and one for a host without pools; unknown numbers are empty")
  func csv() {
    let hosts = [
      summary("hv01", [.inSync], [Self.split, PoolStatus("none", nil)]), summary("hv02", [.drifted]),
      HostSummary(host: "hv03", .missing, unavailable: "none"),
    ]
    let lines = StatusCSV.text(hosts).split(separator: "\r\n").dropFirst()
    #expect(
      Array(lines) == [
        "hv01,in-sync,read,9,2,3,1,fast,0,3,2,0,0,1,0", "hv01,in-sync,read,9,2,3,1,fast,1,6,1,1,1,3,0",
        "hv01,in-sync,read,9,2,3,1,none,,,,,,,", "hv02,drifted,read,9,2,3,1,,,,,,,,",
        "hv03,unknown,missing,,,,,,,,,,,,",
      ])
  }

  @Test("a value of CSV is quoted where it needs that, and is never a formula")
  func values() {
    var text = CSVText(["a", "b"])
    text.add(["=1+1", "x,\"y\""])
    text.add(["-2", "@x"])
    #expect(text.text == "a,b\r\n'=1+1,\"x,\"\"y\"\"\"\r\n'-2,'@x\r\n")
  }

  @Test("metrics have each state of each NUMA node; what is unknown is absent")
  func metrics() throws {
    let fleet = FleetStatus([
      summary("b", [.inSync], [Self.split, PoolStatus("one", [(nil, MemberCounts(free: 2))])]),
      summary("a", [.inSync], [PoolStatus("none", nil)]),
      HostSummary(host: "c", .missing, unavailable: "none"),
    ])
    let text = StatusMetrics.text(fleet, version: "1", at: Timestamp(milliseconds: 5000))
    let samples = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      try MetricTests.sample(String($0))
    }
    let members = samples.filter { $0.name == "pcipass_pool_members" }
    #expect(members.count == 3 * 5 && members.allSatisfy { $0.labels["host"] == "b" })
    func value(_ pool: String, _ node: String?, _ state: String) -> Int? {
      members.first {
        $0.labels["pool"] == pool && $0.labels["node"] == node && $0.labels["state"] == state
      }?.value
    }
    #expect(value("fast", "1", "kept") == 1 && value("fast", "0", "assigned") == 2)
    #expect(value("one", nil, "free") == 2)
    let observed = samples.filter { $0.name == "pcipass_observe_success" }
    #expect(observed.map { "\($0.labels["host"] ?? "") \($0.value)" } == ["a 1", "b 1", "c 0"])
    #expect(!samples.contains { $0.name == "pcipass_host_state" && $0.labels["host"] == "c" })
  }

  @Test("the hosts of a fleet are ordered from the worst to the best, then by name")
  func order() {
    let hosts = [
      summary("a", [.inSync]), summary("c", [.drifted]), summary("b", [.drifted, .inSync]),
      summary("d", [.blocked, .drifted]), summary("e", [.unknown]),
      HostSummary(host: "g", .unreadable, unavailable: "x"),
      HostSummary(host: "f", .missing, unavailable: "x"),
    ]
    #expect(FleetStatus(hosts).hosts.map(\.host) == ["g", "f", "e", "d", "b", "c", "a"])
    #expect(FleetStatus(hosts).state == .unknown)
    #expect(FleetStatus(hosts).states == [.inSync, .drifted, .blocked, .unknown])
  }
}

extension PoolStatus {
  fileprivate init(_ name: String, _ nodes: [(Int?, MemberCounts)]?) {
    self.init(name: name, nodes: nodes?.map { NodeCounts(number: $0.0, counts: $0.1) })
  }
}

import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("A plan as text")
struct PlanTextTests {
  private let two = host(
    "name: lan, select: {address: '0000:03:00.0'}\nname: wan, select: {address: '0000:02:00.0'}, reserve: true"
  )

  private func lines(_ plan: Plan, _ detail: DetailLevel = .normal) -> [String] {
    PlanText(style: .plain, detail: detail).text(plan).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map(String.init)
  }

  /// Returns the lines of NICs, which begin with a sign.
  private func nics(_ plan: Plan) -> [String] {
    lines(plan).filter { $0.wholeMatch(of: #/\ {4}(\+|-|~|-/\+)\ .*/#) != nil }
  }

  @Test("has a group for the host and one for each guest, and a line for each NIC")
  func groups() {
    let plan = plan(
      two, guest("vm", "name: net0, from: lan"),
      on: state([nic("02:00.0"), nic("03:00.0")], libvirt: [running("vm")], drivers: .known(["igb"])))
    #expect(plan.refusals == [])
    let text = lines(plan)
    let titles = text.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
    #expect(titles == ["  host", "  guest vm (running)"])
    let nics = nics(plan)
    #expect(nics.count == 3)
    #expect(nics[0].names("vfio-pci") && !nics[0].contains("0000:"))
    #expect(nics[1].names("wan", "0000:02:00.0", "igb → vfio-pci") && nics[1].contains(" ~ "))
    #expect(nics[2].names("net0", "0000:03:00.0", "igb → vfio-pci", "hot-plug") && nics[2].contains(" + "))
  }

  @Test("has the same columns in every group")
  func columns() throws {
    let plan = plan(
      two, guest("vm", "name: a-long-name, from: lan"),
      on: state([nic("02:00.0"), nic("03:00.0")], libvirt: [off("vm")]))
    let starts = try nics(plan).map {
      try #require($0.firstRange(of: "0000:")).lowerBound.utf16Offset(in: $0)
    }
    #expect(starts.count == 2 && Set(starts).count == 1)
  }

  @Test("shows a NIC that moves in the groups of both guests")
  func moved() {
    let lan = host("name: lan, select: {address: '0000:03:00.0'}")
    let plan = plan(
      lan, guest("a"), guest("b", "name: net0, from: lan"),
      on: state(
        [nic("03:00.0", driver: "vfio-pci", override: "vfio-pci")],
        libvirt: [running("a", [marked("03:00.0", "old")]), off("b")]))
    #expect(plan.refusals == [])
    let groups = PlanGroup.all(plan).groups
    #expect(groups.map(\.guest) == ["a", "b"])
    #expect(groups.map { $0.lines.map(\.sign) } == [[.removes], [.adds]])
    #expect(groups.map { $0.lines.map(\.name) } == [["old"], ["net0"]])
    #expect(groups.map(\.run) == [.running, .shutoff])
  }

  @Test("has one line for the VFs of a PF, also where VFs are unbound first")
  func vfs() {
    let plan = plan(poolHost(4), on: state(pool(count: 2, driver: "igb", eachVF: onVFIO)))
    #expect(plan.refusals == [])
    #expect(plan.steps.count == 3)
    let nics = nics(plan)
    #expect(
      nics.count == 1 && nics[0].names("pool", "0000:03:00.0", "replace the 2 VFs with 4")
        && nics[0].contains(" -/+ "))
  }

  @Test("has the settings of a VF on its line")
  func settings() {
    let plan = plan(
      poolHost(1), guest("vm", "name: net0, from: pool/0, mac: '52:54:00:00:00:01', vlan: {id: 120}"),
      on: state(pool(), libvirt: [off("vm")]))
    #expect(plan.refusals == [])
    #expect(nics(plan).last?.names("net0", "0000:03:10.0", "52:54:00:00:00:01", "VLAN 120") ?? false)
  }

  @Test("lists the disruptions at the end: networks of the host and running guests")
  func disruptions() throws {
    let uses: Observed<[HostUse]> = .known([HostUse(.bridge, "br0")])
    let plan = plan(
      host("name: lan, select: {address: '0000:03:00.0'}, allow: [host-network], because: agreed"),
      guest("vm", "name: net0, from: lan"),
      on: state([nic("03:00.0", uses: uses)], libvirt: [running("vm")]))
    #expect(plan.refusals == [])
    let disruptions = PlanDisruptions(plan)
    #expect(disruptions.guests == ["vm"] && disruptions.hostNetwork.names(["eth30", "br0"]))
    let line = try #require(lines(plan).first { $0.hasPrefix("Disrupts: ") })
    #expect(line.names("eth30", "br0", "vm"))
    #expect(
      PlanDisruptions(TestSupport.plan(two, on: state([nic("02:00.0"), nic("03:00.0")]))).text(.plain) == nil)
    // A failed check that the manifest allows is named.
    let allowed = try #require(lines(plan).first { $0.contains("allowed:") })
    #expect(allowed.names("nic/lan", "[host-network]", "agreed"))
  }

  @Test("of a refused plan shows the reasons, and the steps with -v only")
  func refused() {
    let plan = plan(
      two, guest("vm", "name: net0, from: lan"),
      on: state([nic("02:00.0"), nic("03:00.0") { $0.iommuGroup = nil }], libvirt: [off("vm")]))
    #expect(plan.codes == [.iommuOff] && !plan.steps.isEmpty)
    #expect(nics(plan).isEmpty)
    let text = lines(plan)
    #expect(text.contains { $0.names("nic/lan") && $0.contains("iommu") })
    #expect(text.dropLast().last?.names("hv01", "1 reason") ?? false)
    #expect(text.allSatisfy { !$0.contains("bind 0000:02:00.0") })
    // With -v, the steps of a refused plan have a different heading.
    func heading(_ plan: Plan) -> String? {
      let verbose = lines(plan, .verbose)
      return verbose.firstIndex { $0.contains("  1  ") && $0.contains("bind 0000:02:00.0") }.map {
        verbose[$0 - 1]
      }
    }
    let other = TestSupport.plan(two, on: state([nic("02:00.0"), nic("03:00.0")]))
    #expect(heading(plan) != nil && heading(other) != nil && heading(plan) != heading(other))
  }

  @Test("lists the passed checks, the steps and the facts with -v only")
  func verbose() {
    let plan = plan(two, on: state([nic("02:00.0"), nic("03:00.0")]))
    let (normal, verbose) = (lines(plan), lines(plan, .verbose))
    #expect(normal.contains { $0.hasPrefix("Checks: ") && $0.hasSuffix(" passed") })
    #expect(!normal.contains { $0.contains("iommu-group") })
    #expect(verbose.contains { $0.contains("iommu-group") })
    #expect(
      verbose.contains { $0.contains("bind 0000:02:00.0") } && !normal.contains { $0.contains("bind ") })
    for fact in plan.facts { #expect(verbose.contains { $0.names(fact.subject, fact.attribute) }) }
    #expect(lines(plan, .quiet).count == 2)
  }

  @Test("has a note in the group of its NIC, or after the groups")
  func notes() throws {
    var plan = plan(two, on: state([nic("02:00.0"), nic("03:00.0")]))
    plan.notices = [Notice(.unknown, "elsewhere"), Notice(.hostNetwork, nic: "wan", "in its group")]
    let text = lines(plan)
    let own = try #require(text.firstIndex { $0.contains("in its group") })
    let other = try #require(text.firstIndex { $0.contains("elsewhere") })
    #expect(own < other && text[own].hasPrefix("    ") && !text[other].hasPrefix(" "))
  }

  @Test("names a QEMU by its guest, and shows the socket with -v only")
  func qemu() {
    let socket = "/run/qemu/probe.sock"
    let plan = plan(
      host("name: lan, select: {address: '0000:03:00.0'}"),
      guest("probe", "name: tap, from: lan", "qemu: {qmp: \(socket)}"),
      on: state([nic("03:00.0")], qemu: [runningQEMU(socket)]))
    #expect(plan.refusals == [] && plan.steps.contains { $0.action.guest?.name == socket })
    #expect(!lines(plan).contains { $0.contains(socket) })
    #expect(lines(plan, .verbose).filter { $0.contains(socket) }.count == 1)
    for step in plan.steps { #expect(!StepText.sentence(step).contains(socket)) }
  }

  @Test("of 16 guests with two VFs each fits on two screens of 50 lines and 100 columns")
  func length() {
    let ports = ["03:00.0", "04:00.0", "05:00.0", "06:00.0"]
    let functions = ports.flatMap { short in
      pool(short, count: 0) { $0.sriov?.total = 8 }
    }
    let nics = ports.enumerated().map {
      "name: port\($0.offset), select: {address: '0000:\($0.element)'}, virtualFunctions: {count: 8}"
    }
    let guests = (0..<16).map { number in
      let claims = (0..<2).map {
        "name: net\($0), from: port\(number / 4)/\(number % 4 * 2 + $0), vlan: {id: \(100 + number)}"
      }
      return guest("guest-\(number)", claims.joined(separator: "\n"))
    }
    let plan = plan(
      ([host(nics.joined(separator: "\n"))] + guests).joined(),
      on: state(functions, libvirt: (0..<16).map { running("guest-\($0)") }))
    #expect(plan.refusals == [] && plan.steps.count > 100)
    let text = lines(plan)
    #expect(text.count <= 100, "\(text.count) lines")
    for line in text where !line.hasPrefix("Disrupts: ") { #expect(textWidth(line) <= 100, "\(line)") }
  }
}

@Suite("A plan of a fleet")
struct FleetSummaryTests {
  private func plan(_ name: String, _ change: (inout Plan) -> Void) -> Plan {
    var plan = TestSupport.plan(
      host("name: lan, select: {address: '0000:03:00.0'}, reserve: true"), on: state([nic("03:00.0")]))
    plan.request.host.metadata.name.value = name
    change(&plan)
    return plan
  }

  @Test("ends with one line for each host, ordered by its state, then the totals")
  func summary() {
    var fleet = FleetSummary()
    fleet.add(plan("hv1") { _ in })
    fleet.add(plan("long-name") { $0.steps = [] })
    fleet.add(
      plan("hv3") {
        $0.refusals = [Refusal(.hostNetwork, ""), Refusal(.iommuGroup, ""), Refusal(.hostNetwork, "")]
      })
    fleet.add(unplanned: FleetHost(unplanned: "hv4", "no snapshot", []))
    let lines = fleet.text.split(separator: "\n").map(String.init)
    #expect(lines.count == 5 && fleet.count == 4)
    #expect(lines[0].hasPrefix("hv3        ") && lines[0].hasSuffix(": host-network, iommu-group"))
    #expect(lines[1].hasPrefix("hv4        ") && lines[1].hasSuffix(": no snapshot"))
    #expect(lines[2].hasPrefix("hv1        ") && lines[2].names("0 to add", "1 to change"))
    #expect(lines[3].hasPrefix("long-name  "))
    // The steps of a refused plan are not counted.
    #expect(lines[4].names("4 hosts", "1 refused", "1 not planned", "1 to change"))
    #expect(fleet.isRefused && fleet.hasChanges && !fleet.hasDrift)
    #expect(fleet.unplanned == ["hv4"])
  }
}

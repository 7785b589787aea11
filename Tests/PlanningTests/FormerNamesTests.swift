import Documents
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Former names of guards")
struct FormerNamesTests {
  private let names: [String: Guard] = [
    "foreign-owner": .ownership, "expect": .hardwareID, "iommu-off": .iommu, "guest-missing": .guestExists,
    "guest-paused": .guestRunning, "no-port": .freePort,
  ]

  private func read(_ text: String) throws -> Plan {
    let source = Source(name: "p.json", text: text)
    return try Plan.form.value(of: try JSONReader.document(of: source), from: source)
  }

  @Test("are read in saved plans, and not written")
  func plans() throws {
    for (former, which) in names {
      let plan = try guardCase(which).passed
      let text = Plan.form.encode(plan).text
      #expect(!text.contains("\"guard\": \"\(former)\""))
      let older = text.replacing("\"guard\": \"\(which.rawValue)\"", with: "\"guard\": \"\(former)\"")
      #expect(older != text)
      #expect(try read(older) == plan)
    }
    let refused = try guardCase(.ownership).refused
    let older = Plan.form.encode(refused).text.replacing("\"ownership\"", with: "\"foreign-owner\"")
    #expect(older.contains("\"code\": \"foreign-owner\""))
    #expect(try read(older) == refused)
  }

  @Test("are read in manifests: foreign-owner allows what ownership allows")
  func manifests() {
    let lan = "name: lan, select: {address: '0000:03:00.0'}, reserve: true, because: agreed, allow: "
    let on = state([nic("03:00.0", driver: "igb_uio")])
    let (old, new) = (plan(host(lan + "[foreign-owner]"), on: on), plan(host(lan + "[ownership]"), on: on))
    #expect(old.codes == [] && old.request.host.spec.nics[0].allow == [.ownership])
    #expect(old.allowances == new.allowances && old.steps == new.steps)
    #expect(!HostManifest.form.encode(old.request.host).text.contains("foreign-owner"))
  }
}

@Suite("The signs of steps")
struct StepSignTests {
  @Test("are in a plan's JSON with their counts, and are ignored when it is read")
  func json() throws {
    let plan = plan(
      host("name: lan, select: {address: '0000:03:00.0'}"), guest("vm", "name: net0, from: lan"),
      on: state([nic("03:00.0")], libvirt: [running("vm")]))
    #expect(plan.steps.map(\.sign) == [.changes, .adds, .adds])
    var counts = StepCounts([])
    (counts.add, counts.change) = (2, 1)
    #expect(StepCounts(plan.steps) == counts)
    let text = Plan.form.encode(plan).text
    #expect(text.contains(#""counts": {"add": 2, "change": 1, "remove": 0}"#))
    #expect(text.contains(#""sign": "~""#))
    func read(_ text: String) throws -> Plan {
      let source = Source(name: "p.json", text: text)
      return try Plan.form.value(of: try JSONReader.document(of: source), from: source)
    }
    let older = text.replacing(#/\s*"sign": "[^"]*",/#, with: "").replacing(
      #/\s*"counts": \{[^}]*\},/#, with: "")
    #expect(!older.contains("\"sign\"") && !older.contains("\"counts\""))
    #expect(try read(older) == plan)
    let other = text.replacing("\"sign\": \"+\"", with: "\"sign\": \"no sign\"")
      .replacing("\"add\": 2", with: "\"add\": -7")
    #expect(other != text)
    #expect(try read(other) == plan)
  }

  @Test("count a device that is removed and added again as changed")
  func replaced() {
    let plan = plan(poolHost(4), on: state(pool(count: 2, eachVF: onVFIO)))
    #expect(Set(plan.steps.map(\.sign)) == [.replaces])
    #expect(StepCounts(plan.steps).change == plan.steps.count)
  }
}

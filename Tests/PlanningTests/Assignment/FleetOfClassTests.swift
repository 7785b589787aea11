import Documents
import HostModel
import Manifests
import Planning
import TestSupport
import Testing

/// 50 hosts with 4 ports of 8 VFs, and 16 guests with 2 VFs on each.
@Suite("A fleet of one class")
struct FleetOfClassTests {
  private static let hosts = (1...50).map { "hv\($0)" }
  private static let ports = ["03:00.0", "04:00.0", "05:00.0", "06:00.0"]
  private static let guests = (1...16).map { "vm\($0)" }

  private let short = """
    apiVersion: pcipass/v1
    kind: HostClass
    metadata: {name: edge}
    spec:
      driver: vfio-pci
      pools:
        - name: fast
          select: {id: "8086:10c9"}
          expect: {count: 4}
          virtualFunctions: {count: 8}

    """
    + hosts.map {
      """
      ---
      apiVersion: pcipass/v1
      kind: Host
      metadata: {name: \($0)}
      spec: {class: edge}

      """
    }.joined()
    + guests.map {
      """
      ---
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: \($0)}
      spec:
        hosts: {class: edge}
        nics: [{name: a, from: fast}, {name: b, from: fast}]

      """
    }.joined()

  private var state: HostState {
    let functions = Self.ports.flatMap { address in
      pool(address) { $0.sriov?.total = 8 }
    }
    return TestSupport.state(functions, libvirt: Self.guests.map { off($0) })
  }

  private func plan(_ text: String, _ name: String) throws -> Plan {
    let loader = Loader.load(Source(name: "fleet.yaml", text: text))
    #expect(loader.diagnostics.map(\.message) == [])
    let fleet = loader.fleet
    let host = try #require(fleet.hosts.first { $0.name == name })
    var state = state
    state.host = name
    return Planner.plan(Request(host: host, guests: fleet.guests(of: host)), on: state)
  }

  /// The same claims with a name for each port and a number for each VF.
  private func long(_ plan: Plan, _ host: String) throws -> String {
    var text =
      "---\napiVersion: pcipass/v1\nkind: Host\nmetadata: {name: \(host)}\nspec:\n  driver: vfio-pci\n  nics:\n"
    for (index, port) in Self.ports.enumerated() {
      text += "    - {name: p\(index), select: {address: '0000:\(port)'}, virtualFunctions: {count: 8}}\n"
    }
    for guest in Self.guests {
      text +=
        "---\napiVersion: pcipass/v1\nkind: Guest\nmetadata: {name: \(guest)}\nspec:\n  host: \(host)\n  nics:\n"
      for assignment in plan.assignments where assignment.guest == guest {
        let member = try #require(NICReference(assignment.member))
        let port = try #require(Self.ports.firstIndex { "0000:\($0)" == member.port ?? "" })
        text += "    - {name: \(assignment.nic), from: p\(port)/\(member.virtualFunction ?? 0)}\n"
      }
    }
    return text
  }

  /// A step without the names of NICs and the made MAC addresses, which depend on them.
  private func words(_ step: Step) -> String {
    if case .configure(let configure) = step.action {
      var settings = configure.to
      settings.mac = nil
      return "\(step.id) \(settings) after \(step.after)"
    }
    return "\(step.id) \(step.action) after \(step.after)"
  }

  @Test("has at most 500 lines for 50 hosts, and the plan of the long form on each of them")
  func sameAsLong() throws {
    #expect(short.split(separator: "\n").count <= 500)
    for host in Self.hosts {
      let made = try plan(short, host)
      #expect(made.codes == [] && made.assignments.count == 32)
      let other = try plan(try long(made, host), host)
      #expect(made.steps.map(words) == other.steps.map(words))
    }
  }

  @Test("spreads the VFs of each guest over ports, and uses all ports alike")
  func spread() throws {
    let made = try plan(short, "hv7")
    for guest in Self.guests {
      let ports = made.assignments.filter { $0.guest == guest }.map { NICReference($0.member)?.nic }
      #expect(Set(ports).count == 2)
    }
    let byPort = Dictionary(grouping: made.assignments) { NICReference($0.member)?.nic }
    #expect(byPort.values.map(\.count) == [8, 8, 8, 8])
  }
}

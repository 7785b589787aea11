import Documents
import Execution
import Foundation
import HostModel
import Hosts
import Manifests
import Planning
import TestSupport
import Testing

@Suite("The example fleet")
struct ExampleTests {
  private static let folder = projectFolder.appending(path: "manifests").path

  @Test(
    "can be applied and rolled back on each of its hosts", arguments: ["hv01", "hv02", "hv03"])
  func thereAndBack(name: String) throws {
    let loader = Loader.load([Self.folder])
    #expect(loader.diagnostics.map(\.message) == [])
    let source = try Source.file(Self.folder + "/captures/\(name).json")
    let start = try HostState.form.value(of: try JSONReader.document(of: source), from: source)
    let manifest = try #require(loader.fleet.hosts.first { $0.name == name })
    let request = Request(host: manifest, guests: loader.fleet.guests(of: manifest))
    let plan = Planner.plan(request, on: start)
    #expect(plan.codes == [])
    let host = SimulatedHost(start)
    #expect(Executor(host: host, journal: { _ in }).run(plan.steps).end == .success)
    let second = Planner.plan(request, on: host.state)
    #expect(second.isEmpty && second.codes == [])
    let back = Planner.rollback(of: plan, on: host.state)
    #expect(back.codes == [])
    #expect(Executor(host: host, journal: { _ in }).run(back.steps).end == .success)
    #expect(Standing(host.state) == Standing(start))
  }
}

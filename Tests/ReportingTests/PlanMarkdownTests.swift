import Documents
import HostModel
import Manifests
import Planning
import Testing

@testable import Reporting

@Suite("A comment on a pull request")
struct PlanMarkdownTests {
  /// A port that is handed out in so many parts, all to one guest.
  private func plan(_ count: Int) throws -> (Plan, Topology) {
    let claims = (0..<count).map { "{name: net\($0), from: pool/\($0)}" }.joined(separator: ", ")
    var loader = Loader()
    loader.read(
      Source(
        name: "t.yaml",
        text: """
          apiVersion: pcipass/v1
          kind: Host
          metadata: {name: hv01}
          spec: {nics: [{name: pool, select: {address: "0000:03:00.0"}, virtualFunctions: {count: \(count)}}]}
          ---
          apiVersion: pcipass/v1
          kind: Guest
          metadata: {name: a}
          spec: {host: hv01, nics: [\(claims)]}
          """))
    let fleet = loader.fleet
    let port = PCIFunction(
      address: try #require(PCIAddress("0000:03:00.0")), id: PCIID(vendor: 0x8086, device: 0x10c9),
      deviceClass: PCIClass(0x020000), driver: "igb", hostDriver: "igb", iommuGroup: 1,
      path: "pci0000:00/0000:00:07.0/0000:03:00.0", sriov: SRIOV(total: 256, count: 0, offset: 128, stride: 1)
    )
    let state = HostState(
      host: "hv01",
      kernel: Kernel(
        release: "6.12", commandLine: .known(""), processor: .intel, drivers: .known(["igb", "vfio-pci"]),
        modules: .known([]), bootLoaderFiles: []), functions: [port],
      libvirt: .known([GuestState(name: "a", run: .shutoff, persistent: [], live: nil)]), qemu: .known([]))
    let plan = Planner.plan(Request(host: try #require(fleet.hosts.first), guests: fleet.guests), on: state)
    #expect(plan.refusals.isEmpty && plan.steps.count > 3 * count)
    return (plan, Topology(state, plan: plan).changes)
  }

  @Test(
    "of one host is never too long: pictures go before guards, guards before steps, and the last steps last")
  func length() throws {
    for (count, isWhole, hasPicture, hasSteps) in [
      (2, true, true, true), (180, false, true, true), (256, false, false, false),
    ] {
      let text = PlanMarkdown.text([try plan(count)])
      #expect(text.utf8.count < 65_535)
      #expect(text.contains("guards passed") == isWhole, "\(count)")
      #expect(text.contains("```mermaid") == hasPicture, "\(count)")
      #expect(text.contains("more steps left out here") != hasSteps, "\(count)")
      #expect(text.contains("give 0000:03:00.0 \(count) VFs"))
      #expect(text.contains("\n</details>\n"))
    }
  }

  @Test("of a fleet has no more pictures than one scrolls by, each with its host's name")
  func pictures() throws {
    let (plan, picture) = try plan(2)
    let text = PlanMarkdown.text(Array(repeating: (plan, picture), count: 7))
    #expect(text.split(separator: "```mermaid").count == 6)
    #expect(text.contains("\n**hv01**\n\n```mermaid\n"))
    #expect(text.contains("\n2 pictures left out here for length.\n"))
  }
}

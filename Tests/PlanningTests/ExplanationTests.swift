import HostModel
import Manifests
import Planning
import TestSupport
import Testing

@Suite("Explanations")
struct ExplanationTests {
  private static let manifests =
    host("name: lan, select: {address: '0000:03:00.0'}\nname: vm, select: {address: '0000:04:00.0'}")
    + guest("vm", "name: net0, from: lan", "libvirt: {domain: vm-1}")
  private static let seen = state(
    [nic("03:00.0"), nic("04:00.0", driver: "vfio-pci"), nic("05:00.0") { $0.interfaces[0].name = "lan" }],
    libvirt: [off("vm-1", [foreign("05:00.0")])])
  private let explainer = Explainer(request(manifests), on: seen)

  private func meanings(_ text: String) -> [ExplanationTopic] {
    explainer.meanings(of: text).map(\.topic)
  }

  @Test(
    "a function is found by address, with and without domain, by NIC and by interface",
    arguments: ["0000:03:00.0", "03:00.0", "nic/lan", "eth30", "interface/eth30"])
  func function(text: String) { #expect(meanings(text) == [.function(pci("03:00.0"))]) }

  @Test("a guest is found by its name in the manifests and by its domain's name")
  func guests() {
    #expect(meanings("vm-1") == [.guest(.libvirt(domain: "vm-1"))])
    #expect(meanings("guest/vm") == [.guest(.libvirt(domain: "vm-1"))])
  }

  @Test("a NIC without an interface is found by the name of its last interface")
  func remembered() { #expect(meanings("eth40") == [.function(pci("04:00.0"))]) }

  @Test("an ambiguous name has all its meanings, and a prefix selects one kind")
  func ambiguous() {
    #expect(meanings("lan") == [.function(pci("03:00.0")), .function(pci("05:00.0"))])
    #expect(meanings("interface/lan") == [.function(pci("05:00.0"))])
    #expect(meanings("vm") == [.function(pci("04:00.0")), .guest(.libvirt(domain: "vm-1"))])
    #expect(meanings("nonsense") == [])
    #expect(explainer.suggestion(for: "lam") == "lan")
    #expect(explainer.suggestion(for: "zzzzzzzzzz") == nil)
  }

  @Test("of a guest: its claimed NICs and the NICs that it has are listed")
  func ofGuest() {
    let explanation = explainer.explanation(of: .guest(.libvirt(domain: "vm-1")))
    #expect(explanation.guest?.name == "vm")
    #expect(explanation.nics.map(\.address) == [pci("03:00.0"), pci("05:00.0")])
    #expect(explanation.nics[0].steps.map(\.id) == ["bind/0000:03:00.0", "attach/vm/net0/persistent"])
    #expect(explanation.nics[1].status == nil)
    #expect(explanation.nics[1].holdings.map(\.hostdev) == [foreign("05:00.0")])
    #expect(explanation.nics[1].availability == .inUse(guests: [.libvirt(domain: "vm-1")], processes: []))
  }

  @Test("of a VF that does not exist: its planned steps are shown")
  func absent() {
    let explainer = Explainer(request(poolHost(2)), on: state(pool()))
    let explanation = explainer.explanation(of: .nic("pool/1"))
    #expect(explainer.meanings(of: "pool/1").map(\.topic) == [.nic("pool/1")])
    #expect(explanation.nics.map(\.address) == [nil])
    #expect(explanation.nics.first?.steps.map(\.id) == ["resize/0000:03:00.0"])
  }

  @Test("without manifests, an explanation has the state of the host only")
  func withoutManifests() {
    let explainer = Explainer(nil, on: Self.seen)
    #expect(explainer.plan == nil)
    #expect(explainer.meanings(of: "lan").map(\.topic) == [.function(pci("05:00.0"))])
    #expect(explainer.meanings(of: "vm") == [])
    #expect(explainer.explanation(of: .function(pci("03:00.0"))).nics.first?.availability == .available)
  }

  @Test("manifests without source locations give a plan without origins")
  func withoutPlaces() {
    let bare = request(Self.manifests + poolHost(1).replacing("hv01", with: "hv02")).withoutPlaces
    let explanation = Explainer(bare, on: Self.seen).explanation(of: .function(pci("03:00.0")))
    #expect(explanation.nics.first?.declared == nil && explanation.nics.first?.status?.origin == nil)
    let plan = Planner.plan(bare, on: Self.seen)
    #expect(plan.steps.allSatisfy { $0.origin == nil } && plan.refusals.allSatisfy { $0.origin == nil })
    #expect(bare == request(Self.manifests + poolHost(1).replacing("hv01", with: "hv02")))
  }
}

import Documents
import HostModel
import Manifests
import Testing

@testable import Planning

@Suite("Guests in documents")
struct GuestReferenceTests {
  private let labels = GuestLabels(["web": .libvirt(domain: "web-1"), "vm": .qemu(socket: "/run/vm.sock")])

  @Test("a described guest has its manifest's name and its manager's name")
  func described() {
    #expect(labels.reference("web") == GuestReference(name: "web", manager: .libvirt(domain: "web-1")))
    #expect(labels.reference("vm") == GuestReference(name: "vm", manager: .qemu(socket: "/run/vm.sock")))
    #expect(labels.reference(to: .libvirt(domain: "web-1")).name == "web")
  }

  @Test(
    "the label of a guest without a manifest is its manager's name",
    arguments: [
      ("other", GuestManager.libvirt(domain: "other")), ("libvirt:web", .libvirt(domain: "web")),
      ("/run/probe", .qemu(socket: "/run/probe")), ("qemu:/run/a:b", .qemu(socket: "/run/a:b")),
      ("libvirt:a:b", .libvirt(domain: "a:b")),
    ])
  func undescribed(label: String, manager: GuestManager) {
    #expect(labels.reference(label) == GuestReference(name: nil, manager: manager))
    #expect(labels.label(of: labels.reference(label)) == label)
    #expect(labels.reference(to: manager) == GuestReference(name: nil, manager: manager))
  }

  @Test(
    "every label survives the conversion to a reference and back",
    arguments: ["", "libvirt:", "libvirt:new", "qemu:x", "a:b", "\u{1B}[2J"])
  func lossless(label: String) {
    #expect(labels.label(of: labels.reference(label)) == label)
    #expect(labels.label(of: labels.reference(label, .libvirt(domain: "d"))) == label)
  }

  @Test("the guest's label and the key function of earlier versions are read, not written")
  func earlier() throws {
    let text = #"""
      {"guard": "in-use", "nic": "lan", "function": "0000:03:00.0", "guest": "web", "verdict": "passed", "found": []}
      """#
    let report = try value(GuardReport.form, text)
    #expect(report.function == PCIAddress("0000:03:00.0") && report.guest?.name == "web")
    let printed = GuardReport.form.encode(Described(report.part, guest: labels.reference("web"))).line
    #expect(printed.contains(#""address": "0000:03:00.0""#) && !printed.contains("function"))
    #expect(printed.contains(#""guest": {"name": "web", "libvirt": "web-1"}"#))
    #expect(try value(GuardReport.form, printed).guest == labels.reference("web"))
    #expect(throws: Diagnostics.self) {
      try value(GuardReport.form, text.replacing(#""nic""#, with: #""address": "0000:03:00.0", "nic""#))
    }
    #expect(throws: Diagnostics.self) {
      try value(GuardReport.form, text.replacing("function", with: "nothing"))
    }
  }

  @Test("a time in milliseconds, as earlier versions wrote it, is read")
  func milliseconds() throws {
    let pending = PendingConfirmation(apply: 1, until: 1_795_720_179_000, isOver: false, watchdog: 7)
    let text = PendingConfirmation.form.encode(pending).line
    #expect(text.contains(#""until": "2026-11-26T19:09:39.000Z""#))
    #expect(try value(PendingConfirmation.form, text) == pending)
    let earlier = text.replacing(#""2026-11-26T19:09:39.000Z""#, with: "1795720179000")
    #expect(try value(PendingConfirmation.form, earlier) == pending)
  }

  @Test("a pending confirmation with `over` instead of its state is read as well")
  func over() throws {
    let pending = PendingConfirmation(apply: 1, until: 1_795_720_179_000, isOver: true, watchdog: nil)
    let text = PendingConfirmation.form.encode(pending).line
    #expect(text.contains(#""state": "overdue""#) && text.contains(#""watched": false"#))
    let earlier = text.replacing(#""state": "overdue""#, with: #""over": true"#)
      .replacing(#", "watched": false"#, with: "")
    #expect(try value(PendingConfirmation.form, earlier) == pending)
  }

  private func value<Value>(_ form: Form<Value>, _ text: String) throws -> Value {
    let source = Source(name: "t.json", text: text)
    return try form.value(of: try JSONReader.document(of: source), from: source)
  }
}

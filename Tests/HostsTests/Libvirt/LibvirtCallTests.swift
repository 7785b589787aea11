import Files
import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

/// Several threads use one `Libvirt` with libvirt's test driver.
@Suite("libvirt, used by several threads at once")
struct LibvirtCallTests {
  private static let node = """
    <node><domain type='test'><name>one</name><memory>65536</memory><os><type>hvm</type></os></domain></node>
    """

  private func withLibvirt<Value>(_ body: (Libvirt) throws -> Value) throws -> Value {
    let tree = try SysfsTree()
    try tree.write("node.xml", Self.node)
    return try body(Libvirt(uri: "test://\(tree.root)/node.xml"))
  }

  /// Starts a call that lasts until the gate is opened, and that returns its connection.
  private func call(
    _ libvirt: Libvirt, _ use: CallSlots.Use, within time: Duration, _ gate: ConditionLock<Bool>
  ) -> InBackground<Result<LibvirtConnection, LibvirtFailure>> {
    InBackground {
      do throws(LibvirtFailure) {
        return .success(
          try libvirt.ask(use, within: time) { connection throws(LibvirtError) in
            gate.wait { $0 ? () : nil }
            return connection
          })
      } catch { return .failure(error) }
    }
  }

  private func connection(_ libvirt: Libvirt) throws -> LibvirtConnection {
    try libvirt.ask(.reading, within: .seconds(60)) { connection throws(LibvirtError) in connection }
  }

  @Test("One connection is opened for all threads") func opensOnce() throws {
    try withLibvirt { libvirt in
      let open = ConditionLock(true)
      let calls = (0..<8).map { _ in call(libvirt, .reading, within: .seconds(60), open) }
      let connections = try calls.map { try #require(try $0.finish()?.get()) }
      #expect(Set(connections.map { ObjectIdentifier($0) }).count == 1)
    }
  }

  @Test("A read runs beside four changes, and a fifth change waits") func limit() throws {
    try withLibvirt { libvirt in
      let gate = ConditionLock(false)
      let slots = try connection(libvirt).slots
      let changes = (0..<5).map { _ in call(libvirt, .changing, within: .seconds(300), gate) }
      #expect(eventually { slots.inUse == 4 && slots.waiting == 1 })
      #expect(try libvirt.domains().map(\.name) == ["one"])
      #expect(slots.inUse == 4 && slots.waiting == 1)
      gate.withLock { $0 = true }
      for change in changes { _ = try #require(try change.finish()?.get()) }
      #expect(slots.inUse == 0)
    }
  }

  @Test("A call that is given up keeps its slot, and a waiting one uses a new connection")
  func givenUp() throws {
    try withLibvirt { libvirt in
      let (gate, open) = (ConditionLock(false), ConditionLock(true))
      let old = try connection(libvirt)
      let lasting = (0..<3).map { _ in call(libvirt, .changing, within: .seconds(300), gate) }
      #expect(eventually { old.slots.inUse == 3 })
      let hung = call(libvirt, .changing, within: .seconds(1), gate)
      #expect(eventually { old.slots.inUse == 4 })
      let waiting = call(libvirt, .changing, within: .seconds(60), open)
      #expect(try #require(try waiting.finish()?.get()) !== old)
      guard case .failure(.noAnswer(.seconds(1))) = hung.finish() else {
        Issue.record("a call that hangs was not given up on")
        return
      }
      #expect(old.slots.inUse == 4)
      gate.withLock { $0 = true }
      for call in lasting { #expect(try #require(try call.finish()?.get()) === old) }
      #expect(eventually { old.slots.inUse == 0 })
    }
  }

  @Test("A connection that two calls give up is dropped once, and its successor stays")
  func droppedOnce() throws {
    try withLibvirt { libvirt in
      let gate = ConditionLock(false)
      let old = try connection(libvirt)
      let late = call(libvirt, .changing, within: .seconds(2), gate)
      #expect(eventually { old.slots.inUse == 1 })
      let early = call(libvirt, .changing, within: .milliseconds(100), gate)
      _ = early.finish()
      let new = try connection(libvirt)
      #expect(new !== old)
      _ = late.finish()
      #expect(try connection(libvirt) === new)
      gate.withLock { $0 = true }
    }
  }

  @Test("Each call has its own error") func errors() throws {
    try withLibvirt { libvirt in
      let device = Hostdev(address: pci("05:00.0"), alias: "ua-pcipass-x", isManaged: true)
      // The test driver cannot attach a device, and has no other domain.
      let answers = [("one", "(error 3, domain 20)"), ("gone", "(error 42, domain 12)")]
      let calls = (0..<12).map { number in
        InBackground {
          let (domain, numbers) = answers[number % 2]
          return (0..<20).allSatisfy { _ in
            do throws(HostFailure) {
              try libvirt.attach(device, to: domain, .live, within: .seconds(60))
              return false
            } catch { return error.message.hasSuffix(numbers) }
          }
        }
      }
      for call in calls { #expect(call.finish() == true) }
    }
  }
}

import HostModel
import Planning
import Synchronization
import TestSupport
import Testing

@testable import Hosts

@Suite("QEMUs that the manifests name")
struct QEMUBackendTests {
  private static let transcript = Transcript(
    """
    query-status
    {"status": "running", "running": true}
    qom-list path=/machine
    [{"name": "q35", "type": "child<q35-pcihost>"}]
    qom-get path=/machine property=type
    "pc-q35-10.0-machine"
    device-list-properties typename=vfio-pci
    []
    """)

  private let timeouts = Timeouts(step: .seconds(10), unplug: .seconds(10))

  @Test("A QEMU that does not run is off; one that cannot be read has a reason")
  func states() throws {
    let running = try ScriptedMonitor { _, peer in Self.transcript.play(to: peer) }
    let strange = try ScriptedMonitor { _, peer in
      peer.send("HTTP/1.1 400 Bad Request")
      peer.wait()
    }
    let off = QEMUMonitor(socket: "/run/pcipass-no-such-folder/qmp")
    let guests = QEMUBackend([running.monitor, off, strange.monitor, running.monitor], timeouts)
    let states = try #require(guests.guests().value)
    #expect(states.map(\.name) == [running.monitor.socket, off.socket, strange.monitor.socket])
    #expect(states.map(\.run) == [.running, .shutoff, .unknown])
    #expect(states[0].live == [] && states[0].freePorts == 0 && states[0].unavailable == nil)
    #expect(states[2].live == nil && states[2].persistent == nil)
    #expect(
      states[2].unavailable.names(strange.monitor.socket))
  }

  @Test("After a change only the changed QEMUs are read") func changed() throws {
    let asked = Asked()
    let first = try ScriptedMonitor { _, peer in
      asked.note(0)
      Self.transcript.play(to: peer)
    }
    let second = try ScriptedMonitor { _, peer in
      asked.note(1)
      Self.transcript.play(to: peer)
    }
    let guests = QEMUBackend([first.monitor, second.monitor], timeouts)
    let before = try #require(guests.guests().value)
    let after = guests.guests(after: [second.monitor.socket], since: before)
    #expect(after == .known(before))
    second.end()
    let now = try #require(guests.guests(after: [second.monitor.socket], since: before).value)
    #expect(now[0] == before[0] && now[1].run == .shutoff && now[1].live == nil)
    #expect(asked.counts == [1, 2])
  }

  private final class Asked: Sendable {
    private let all = Mutex([0, 0])

    var counts: [Int] { all.withLock { $0 } }

    func note(_ index: Int) { all.withLock { $0[index] += 1 } }
  }

  @Test("Reading an unreadable QEMU fails; one that does not run has no state") func one() throws {
    let strange = try ScriptedMonitor { _, peer in
      peer.send("x")
      peer.wait()
    }
    var failure: HostFailure?
    do throws(HostFailure) { _ = try QEMUBackend([], timeouts).guest(strange.monitor.socket) } catch {
      failure = error
    }
    #expect(failure?.kind == .unreadable)
    let off = try QEMUBackend([], timeouts).guest("/run/pcipass-no-such-folder/qmp")
    #expect(off == nil)
  }
}

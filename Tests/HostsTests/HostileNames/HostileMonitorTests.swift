import Documents
import HostModel
import Planning
import TestSupport
import Testing

@testable import Hosts

@Suite("Hostile names at a QEMU monitor")
struct HostileMonitorTests {
  @Test(
    "are sent as data of one command, and are printed as text from its answer",
    arguments: HostileNames.all)
  func commands(name: String) throws {
    let address = pci("0000:03:00.0")
    let hostdev = Hostdev(address: address, alias: name, isManaged: false, bus: name, driver: name)
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      let command = peer.command()
      let values = ["driver", "id", "bus"].map { command?.arguments?[$0]?.string.map { Array($0.utf8) } }
      let isData = command?.name == "device_add" && values.allSatisfy { $0 == Array(name.utf8) }
      // An unknown error class is reported as well.
      let kind = String(JSON.string(name).line.dropFirst().dropLast())
      peer.refuse(command, isData ? kind : "NotAsData", name)
      #expect(peer.command() == nil)
    }
    var failure: HostFailure?
    do throws(HostFailure) {
      try QEMU().attach(hostdev, to: scripted.monitor, within: .seconds(10))
    } catch {
      failure = error
    }
    let words = try #require(failure).message
    #expect(words.utf8.starts(with: "QEMU: ".utf8) && !words.contains("NotAsData"))
    #expect(HostileNames.invisibleCharacters(in: printable(words)) == [] && words.utf8.count < 20_000)
  }

  @Test("are ignored as ids, buses, paths and models", arguments: HostileNames.all)
  func objects(name: String) throws {
    let quoted = JSON.string(name).line
    let path = "/machine/peripheral/\(name)"
    let transcript = Transcript(
      """
      query-status
      {"status": "running"}
      qom-list path=/machine
      [{"name": "i440fx", "type": "child<i440FX-pcihost>"}, {"name": \(quoted), "type": \(quoted)}]
      qom-get path=/machine property=type
      \(quoted)
      qom-list path=/machine/peripheral
      [{"name": \(quoted), "type": "child<vfio-pci>"}, {"name": "p\(quoted.dropFirst()), "type": \(quoted)}]
      qom-list path=/machine/peripheral-anon
      [{"name": \(quoted), "type": "child<vfio-pci>"}]
      query-pci
      [{"bus": 0, "devices": [{"bus": 0, "slot": 3, "function": 0, "qdev_id": \(quoted)}]}]
      """
    ).with("qom-get path=\(path) property=host", #""0000:03:00.0""#)
      .with("qom-get path=\(path) property=sysfsdev", quoted)
      .with("qom-get path=\(path) property=parent_bus", quoted)
      .with("qom-get path=/machine/peripheral-anon/\(name) property=host", quoted)
      .with("qom-get path=/machine/peripheral-anon/\(name) property=sysfsdev", quoted)
      .with("qom-get path=/machine/peripheral-anon/\(name) property=parent_bus", quoted)
    let scripted = try ScriptedMonitor { _, peer in transcript.play(to: peer) }
    let guest = try #require(try QEMU().guest(scripted.monitor))
    #expect(guest.live?.map(\.address) == [pci("0000:03:00.0")])
    for hostdev in guest.live ?? [] {
      #expect(hostdev.alias.map { isAlias($0) } ?? true)
      #expect(hostdev.bus.map { isAlias($0) } ?? true)
      #expect(hostdev.driver == "vfio-pci")
    }
    #expect(guest.buses.allSatisfy { isAlias($0.name) })
  }

  @Test("end the connection if they are not UTF-8", arguments: HostileNames.invalidUTF8)
  func invalidUTF8(bytes: [UInt8]) throws {
    let scripted = try ScriptedMonitor { _, peer in
      peer.greet()
      peer.send(Array(#"{"event": ""#.utf8) + bytes + Array("\"}\r\n".utf8))
    }
    let failed = try #require(failure { () throws(QEMUFailure) in try QEMU().guest(scripted.monitor) })
    #expect(
      HostileNames.invisibleCharacters(in: printable(failed.reason(for: scripted.monitor.socket))) == [])
  }
}

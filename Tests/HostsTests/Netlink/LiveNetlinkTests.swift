import Documents
import Files
import Foundation
import HostModel
import SystemPackage
import Testing

@testable import Hosts

@Suite("The running kernel over rtnetlink", .enabled(if: access("/usr/sbin/ip", X_OK) == 0), .serialized)
struct LiveNetlinkTests {
  private let netlink = Netlink(helper: KernelHelper())

  private func ip(_ arguments: String...) throws -> [[String: any Sendable]] {
    let text = try Subprocess.output("/usr/sbin/ip", arguments, upTo: 16 << 20, within: .seconds(10))
    let list = try JSONSerialization.jsonObject(with: Data(text)) as? [[String: any Sendable]]
    return try #require(list).filter { !$0.isEmpty }
  }

  @Test("Interfaces are those that ip(8) prints")
  func links() throws {
    let printed = try ip("-details", "-json", "link", "show")
    let found = try netlink.links()
    #expect(found.map(\.name).sorted() == printed.compactMap { $0["ifname"] as? String }.sorted())
    for link in found {
      let other = try #require(printed.first { $0["ifname"] as? String == link.name })
      #expect(link.index == other["ifindex"] as? Int)
      #expect(link.kind == (other["linkinfo"] as? [String: any Sendable])?["info_kind"] as? String)
      #expect(link.altnames == other["altnames"] as? [String] ?? [])
      #expect(link.isUp == (other["flags"] as? [String])?.contains("UP"))
      if other["link_type"] as? String == "ether" {
        #expect(link.mac?.description == other["address"] as? String)
      }
      #expect(link.device?.name == other["parentdev"] as? String)
    }
  }

  @Test("Addresses are those that ip(8) prints")
  func addresses() throws {
    let printed = try Subprocess.output(
      "/usr/sbin/ip", ["-details", "-json", "address", "show"], upTo: 1 << 20, within: .seconds(5))
    let expected = try InterfaceAddresses(Source(name: "ip", text: printed)).links
    let names = Dictionary(
      try netlink.links().map { ($0.index, $0.name) }, uniquingKeysWith: { one, _ in one })
    var found: [String: NetworkGraph.Interface] = [:]
    for record in try netlink.addresses() {
      found[try #require(names[record.index]), default: NetworkGraph.Interface()]
        .add(record.address, length: record.length)
    }
    for (name, link) in expected {
      #expect((found[name]?.addresses ?? []) == link.addresses, "\(name)")
      #expect((found[name]?.all ?? []) == link.all, "\(name)")
    }
    #expect(found["lo"]?.addresses.first == "127.0.0.1/8")
  }

  @Test("The routes of all interfaces, in all tables, are as many as ip(8) prints")
  func routes() throws {
    let indexes = Set(try netlink.links().map(\.index))
    let found = try netlink.routes(by: indexes, into: []) { $0.append($1) }
    for (version, family) in [("-4", UInt8(AF_INET)), ("-6", UInt8(AF_INET6))] {
      let printed = try ip(version, "-json", "route", "show", "table", "all").filter {
        $0["dev"] != nil || $0["nexthops"] != nil
      }
      #expect(found.filter { $0.destination.family == family }.count == printed.count, "\(version)")
    }
    for interfaces in [[], [0x7FFF_FFFF]] as [Set<Int>] {
      #expect(try netlink.routes(by: interfaces, into: 0) { count, _ in count += 1 } == 0)
    }
  }

  private static let mayUnshare =
    (try? Subprocess.output("/usr/bin/unshare", ["--net", "true"], upTo: 100, within: .seconds(10))) != nil

  @Test(
    "A namespace is entered by its file only if the number of the file matches",
    .enabled(if: mayUnshare))
  func namespaces() throws {
    // The new namespace has only a loopback interface, which is down.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--net", "sleep", "60"]
    try process.run()
    defer { process.terminate() }
    let path = "/proc/\(process.processIdentifier)/ns/net"
    func number(_ path: String) -> UInt64 {
      var status = stat()
      return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
    let own = number("/proc/self/ns/net")
    for _ in 0..<500 where number(path) == own { usleep(10_000) }
    let there = Netlink(helper: netlink.helper, namespace: NamespaceFile(path: path, number: number(path)))
    let links = try there.links()
    #expect(links.map(\.name).contains("lo") && links.allSatisfy { !$0.isUp })
    // The helper is back in its own namespace.
    #expect(try netlink.links().contains { $0.name == "lo" && $0.isUp })
    let wrong = Netlink(helper: netlink.helper, namespace: NamespaceFile(path: path, number: 1))
    #expect(throws: Netlink.Failure.self) { try wrong.links() }
    // A file that is not a namespace is not opened, as opening a device may have an effect.
    let device = Netlink(
      helper: netlink.helper, namespace: NamespaceFile(path: "/dev/null", number: number("/dev/null")))
    #expect(throws: Netlink.Failure.self) { try device.links() }
    let none = Netlink(helper: netlink.helper, namespace: NamespaceFile(path: "/nowhere/net", number: 1))
    do throws(Netlink.Failure) {
      _ = try none.links()
      Issue.record("a namespace that is not there was entered")
    } catch { #expect(error.isGone) }
    #expect(netlink.helper.idleProcesses.count == 1)
  }

  @Test("Alternative names are read in the order of the kernel", .enabled(if: mayUnshare))
  func altnames() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    let names = ["enp3s0f0", "a-name-of-more-than-fifteen.characters"]
    let commands = names.map { "ip link property add dev lo altname \($0)" } + ["exec sleep 60"]
    process.arguments = ["--net", "/bin/sh", "-ec", commands.joined(separator: "; ")]
    try process.run()
    defer { process.terminate() }
    let path = "/proc/\(process.processIdentifier)"
    func command() -> String { (try? String(contentsOfFile: path + "/comm", encoding: .utf8)) ?? "" }
    for _ in 0..<500 where command() != "sleep\n" { usleep(10_000) }
    var status = stat()
    #expect(stat(path + "/ns/net", &status) == 0)
    let there = Netlink(
      helper: netlink.helper, namespace: NamespaceFile(path: path + "/ns/net", number: UInt64(status.st_ino)))
    #expect(try there.links().first { $0.name == "lo" }?.altnames == names)
  }

  @Test("A file of a namespace is read line by line")
  func file() throws {
    var names: [String] = []
    try netlink.lines(of: "protocols") { names.append($0.fields.first?.text ?? "") }
    #expect(names.first == "protocol" && names.contains("TCP"))
    try netlink.lines(of: "no-such-file") { _ in Issue.record("a line of nothing") }
  }
}

import Documents
import Foundation
import HostModel
import Planning
import TestSupport
import Testing

@testable import Reporting

@Suite("The layout of a graph")
struct GraphLayoutTests {
  /// Returns a host with PFs of 8 VFs each, and guests with two VFs each, from two PFs.
  static func fleet(ports: Int = 4, guests: Int = 16) -> HostState {
    var functions: [PCIFunction] = []
    for port in 0..<ports {
      var function = nic("\(port + 4)1:00.0", uses: .known(port == 0 ? [HostUse(.bridge, "br0")] : []))
      function.sriov = SRIOV(total: 64, count: 8, offset: 8, stride: 1)
      function.numaNode = port / 2
      function.interfaces[0].isUp = port < 3
      function.interfaces[0].hasCarrier = port < 3 ? true : nil
      function.interfaces[0].speed = 25_000
      functions.append(function)
      for var part in function.virtualFunctions(8) {
        let index = part.virtualFunction?.index ?? 0
        part.iommuGroup = 500 + port * 8 + index
        part.virtualFunction?.settings = .known(
          VFSettings(mac: mac(of: part.address), vlan: VLAN(id: 100 + index)))
        onVFIO(&part)
        functions.append(part)
      }
    }
    var seen = state(functions)
    let parts = functions.filter { $0.virtualFunction != nil }.map(\.address)
    seen.libvirt = .known(
      (0..<guests).map { guest in
        let own = ["lan": guest, "storage": 16 + guest * 5 % 16].sorted { $0.key < $1.key }.map {
          Hostdev(address: parts[$0.value], alias: "ua-pcipass-\($0.key)", isManaged: true)
        }
        let isRunning = guest % 4 != 3
        return GuestState(
          name: "guest-\(guest)", run: isRunning ? .running : .shutoff, persistent: own,
          live: isRunning ? own : nil)
      })
    return seen
  }

  /// Returns a host with random PFs, VFs and guests.
  private static func random(_ seed: Int) -> HostState {
    var dice = Dice(seed: UInt64(seed))
    func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &dice) }
    var seen = fleet(ports: number(1...6), guests: 0)
    let all = seen.functions.map(\.address)
    seen.libvirt = .known(
      (0..<number(0...20)).map { guest in
        let own = (0..<number(0...6)).map { _ in
          Hostdev(address: all[number(0...all.count - 1)], alias: nil, isManaged: true)
        }
        let name = String(repeating: "guest name ", count: number(0...6)) + "\(guest)"
        return GuestState(name: name, run: .running, persistent: own, live: own)
      })
    return seen
  }

  @Test("boxes do not overlap, and lines do not cross boxes", arguments: 0..<100)
  func layout(seed: Int) {
    let layout = GraphLayout(Topology(Self.random(seed)))
    let boxes = layout.boxes
    for (index, one) in boxes.enumerated() {
      #expect(one.x >= 0 && one.x + one.width <= layout.size.width)
      #expect(one.y >= 0 && one.y + one.height <= layout.size.height)
      for other in boxes[..<index] where one.x == other.x {
        #expect(one.y >= other.y + other.height || other.y >= one.y + one.height)
      }
    }
    func isCrossed(_ x: ClosedRange<Int>, _ y: Int) -> Bool {
      boxes.contains { $0.x > x.lowerBound && $0.x < x.upperBound && ($0.y...$0.y + $0.height).contains(y) }
    }
    for link in layout.links {
      let (from, to) = (boxes[link.from], boxes[link.to])
      #expect(!isCrossed(from.x...layout.bend, link.start))
      #expect((from.y...from.y + from.height).contains(link.start))
      #expect((to.y...to.y + to.height).contains(link.end))
    }
    for branch in layout.branches {
      #expect(!isCrossed(boxes[branch.from].x...boxes[branch.to].x, boxes[branch.to].y + GraphBox.entry))
    }
  }

  @Test("links of a guest end in the order in which they start", arguments: 0..<20)
  func order(seed: Int) {
    let layout = GraphLayout(Topology(Self.random(seed)))
    for (_, links) in Dictionary(grouping: layout.links, by: \.to) {
      let byStart = links.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
      #expect(byStart.map(\.end) == byStart.map(\.end).sorted())
    }
  }

  @Test("a single guest is at the mean height of its functions")
  func mean() {
    let layout = GraphLayout(Topology(Self.fleet(guests: 1)))
    let links = layout.links
    #expect(links.count == 2)
    let (starts, ends) = (links.map(\.start).reduce(0, +), links.map(\.end).reduce(0, +))
    #expect(abs(starts - ends) <= 2)
  }

  @Test("boxes that would overlap are moved apart by equal distances")
  func pools() {
    #expect(GraphColumnFit.tops([(100, 40), (100, 40)], from: 0) == [80, 120])
    #expect(GraphColumnFit.tops([(0, 40), (300, 40), (.infinity, 10)], from: 24) == [24, 300, 340])
    #expect(GraphColumnFit.tops([(5, 40), (6, 40)], from: 24) == [24, 64])
  }

  @Test(
    "each text is within its box, and the name of a guest is complete", arguments: GraphTests.names)
  func room(name: String) throws {
    let state = try GraphTests.host(ports: 3, virtualFunctions: 2, guests: [name, name + "2", "c"])
    let layout = GraphLayout(Topology(state))
    for box in layout.boxes {
      for line in box.lines {
        #expect(line.x >= box.start && line.x + line.width <= box.width - GraphBox.padding.x, "\(line)")
        #expect(line.y > 0 && line.y < box.height, "\(line)")
      }
    }
    let guest = try #require(layout.boxes.first { $0.isGuest && $0.whole.hasPrefix(printable(name)) })
    let title = guest.lines.filter { $0.role == .title }.map(\.text).joined()
    #expect(title.filter { $0 != " " } == printable(name).filter { $0 != " " })
  }

  @Test("a box has the MAC address, VLAN, IOMMU group, NUMA node, link and use of its NIC")
  func facts() throws {
    let topology = Topology(Self.fleet())
    let layout = GraphLayout(topology)
    func words(_ index: Int) -> String { layout.boxes[index].lines.map(\.text).joined(separator: "\n") }
    let ports = topology.functions.indices.filter { topology.functions[$0].role == .nic }
    let first = words(try #require(ports.first))
    for word in ["MAC 90:e2:ba", "IOMMU group", "NUMA node 0", "25 Gbit/s", "bridge br0"] {
      #expect(first.contains(word), "\(word)")
    }
    #expect(words(try #require(ports.last)).contains("down"))
    let part = try #require(topology.functions.firstIndex { $0.role == .virtualFunction })
    for word in ["VF 0", "MAC ", "VLAN 100", "IOMMU group 500"] { #expect(words(part).contains(word)) }
  }

  @Test("states of NICs and guests look different, and the legend names the states that occur")
  func looks() throws {
    let svg = GraphSVG.text(Topology(Self.fleet()))
    let looks = Set(GraphLayout(Topology(Self.fleet())).boxes.map { GraphShapes.name($0.look) })
    #expect(
      looks == [
        "nic host", "nic assigned", "nic split", "nic port", "guest running", "guest off",
      ])
    for word in ["used by the host", "assigned", "split into VFs", "running guest", "shut-off guest"] {
      #expect(svg.contains(word), "\(word)")
    }
    #expect(!svg.contains("paused guest") && !svg.contains("+ added"))
  }

  @Test("the links of each of 16 guests have a different colour")
  func colors() throws {
    let root = try XMLReader.document(
      of: Source(name: "t.svg", text: GraphSVG.text(Topology(Self.fleet()))))
    let picture = try #require(root.all("g").first { $0[attribute: "transform"] != nil })
    let flows = picture.all("g").filter { $0[attribute: "class"]?.hasPrefix("flow ") == true }
    #expect(Set(flows.map { $0[attribute: "class"] }).count == 16)
    for flow in flows {
      let links = flow.all("path").filter { $0[attribute: "class"]?.hasPrefix("link") == true }
      #expect(links.count == 2)
    }
  }

  @Test("the colours differ, and contrast with the page in both colour schemes")
  func contrast() {
    func luminance(_ color: String) -> Double {
      let value = UInt32(color.dropFirst(), radix: 16) ?? 0
      let parts = [16, 8, 0].map { shift -> Double in
        let part = Double(value >> UInt32(shift) & 0xFF) / 255
        return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    func contrast(_ one: String, _ other: String) -> Double {
      let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05)
      return max(one, other) / min(one, other)
    }
    for color in GraphPalette.colors {
      #expect(contrast(color.light, GraphPalette.light) >= 3, "\(color.light)")
      #expect(contrast(color.dark, GraphPalette.dark) >= 3, "\(color.dark)")
    }
    #expect(Set(GraphPalette.colors.map(\.light)).count == GraphPalette.colors.count)
    #expect(Set(GraphPalette.colors.map(\.dark)).count == GraphPalette.colors.count)
  }
}

import Documents
import HostModel
import Testing

@testable import Hosts

@Suite struct `The NUMA nodes of a domain` {
  /// Four nodes; the last one has only memory.
  static let host = [(0, "0-3"), (1, "4-7"), (2, "8-11"), (3, "")]

  func xml(_ elements: String, attributes: String = "type='kvm'") -> [UInt8] {
    Array("<domain \(attributes)><name>a</name>\(elements)<devices/></domain>".utf8)
  }

  func nodes(_ elements: String, on host: [(Int, String)]? = host) throws -> [Int]? {
    try DomainXML(xml(elements), of: "a").numaNodes(on: host.map(nodes))
  }

  func nodes(_ cpus: [(Int, String)]) throws -> [NUMANode] {
    try cpus.map { NUMANode(node: $0.0, cpus: try #require(NumberRanges($0.1))) }
  }

  func memory(_ nodeset: String) -> String {
    "<vcpu placement='static'>2</vcpu><numatune><memory mode='strict' nodeset='\(nodeset)'/></numatune>"
  }

  @Test(arguments: [
    ("0", [0]), ("0-2,^1", [0, 2]), ("2,0", [0, 2]), ("^0,1-3,^2", [1, 3]), ("0, 1", [0, 1]), ("1,^1,1", [1]),
    ("2-9", [2, 3]), ("1,512", [1]),
  ])
  func `are those of its memory`(_ nodeset: String, _ found: [Int]) throws {
    #expect(try nodes(memory(nodeset)) == found)
  }

  @Test func `are also those of the memory of its cells`() throws {
    let cells = "<memnode cellid='0' mode='strict' nodeset='1'/><memnode cellid='1' nodeset='2'/>"
    #expect(try nodes("<numatune>\(cells)</numatune>") == [1, 2])
    #expect(try nodes("<numatune><memory nodeset='0'/>\(cells)</numatune>") == [0, 1, 2])
  }

  @Test(arguments: ["0-3", "0-99999", "^7,0-3"]) func `are not restricted if the memory may be on all`(
    _ nodeset: String
  ) throws {
    #expect(try nodes(memory(nodeset)) == nil)
    let pinned = memory(nodeset).replacing("<vcpu ", with: "<vcpu cpuset='4-5' ")
    #expect(try nodes(pinned) == [1])
  }

  static let invalid = [
    "7-9", "99", "", ",", "x", "0-", "-1", "1,^1", "^0", "0-4294967295", "1;2", "\u{130}", "٣",
    String(repeating: "0,", count: 40_000) + "0", "0" + String(repeating: ",^1", count: 65),
  ]

  @Test(arguments: invalid) func `are unknown if the set is not valid, or has no node of the host`(
    _ nodeset: String
  ) throws {
    #expect(try nodes(memory(nodeset)) == nil)
    // CPUs do not decide where the memory is not understood.
    #expect(try nodes(memory(nodeset).replacing("<vcpu ", with: "<vcpu cpuset='4-5' ")) == nil)
  }

  @Test(.timeLimit(.minutes(1))) func `are found in large sets and many pins`() throws {
    let set = (0..<8192).map { "\(2 * $0 + 4)" }.joined(separator: ",")
    #expect(try nodes(memory(set + ",1")) == [1])
    let pins = (0..<4096).map { "<vcpupin vcpu='\($0)' cpuset='\($0),4'/>" }.joined()
    #expect(try nodes("<vcpu>4096</vcpu><cputune>\(pins)</cputune>") == nil)
    #expect(
      try nodes("<vcpu cpuset='5'>4097</vcpu><cputune>\(pins.replacing(",4'", with: "'"))</cputune>") == nil)
  }

  @Test func `are the declared ones where those of the host are unknown`() throws {
    #expect(try nodes(memory("1-2"), on: nil) == [1, 2])
    #expect(try nodes(memory("0-99999"), on: nil) == nil)
    #expect(try nodes("<vcpu cpuset='0-3'>1</vcpu>", on: nil) == nil)
  }

  @Test(arguments: [
    "<vcpu placement='auto'>2</vcpu>", "<vcpu placement='auto' cpuset='0'>2</vcpu>",
    "<vcpu cpuset='0'>2</vcpu><numatune><memory mode='strict' placement='auto'/></numatune>",
    "<vcpu cpuset='0'>2</vcpu><numatune><memory placement='auto' nodeset='0'/></numatune>",
  ])
  func `are unknown where libvirt chooses them`(_ elements: String) throws {
    #expect(try nodes(elements) == nil)
  }

  @Test(
    arguments: [
      ("<vcpu cpuset='0-3'>2</vcpu>", [0]), ("<vcpu placement='static' cpuset='3-4'>2</vcpu>", [0, 1]),
      ("<vcpu cpuset='0-8,^8,^0-3'>2</vcpu>", nil), ("<vcpu cpuset='0-4,^4'>2</vcpu>", [0]),
      ("<vcpu cpuset='0-11'>2</vcpu>", nil), ("<vcpu cpuset='3,7,11'>2</vcpu>", nil),
      ("<vcpu cpuset='0,4096'>2</vcpu>", [0]), ("<vcpu cpuset='4096'>2</vcpu>", nil), ("<vcpu>2</vcpu>", nil),
      ("<vcpu cpuset='0'>0</vcpu>", nil), ("<vcpu cpuset='0'>4294967295</vcpu>", nil),
      ("<vcpu cpuset='0'>x</vcpu>", nil),
      ("<vcpu cpuset='0'/>", nil), ("", nil),
    ] as [(String, [Int]?)])
  func `are those of its vCPUs`(_ vcpu: String, _ found: [Int]?) throws { #expect(try nodes(vcpu) == found) }

  @Test(
    arguments: [
      // Each vCPU is pinned, so the set of the others does not matter.
      ("<vcpu cpuset='8'>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='5'/>", [0, 1]),
      ("<vcpu cpuset='8'>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/>", [0, 2]),
      ("<vcpu>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/>", nil),
      ("<vcpu>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='7' cpuset='0'/>", nil),
      ("<vcpu current='1'>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/>", [0]),
      ("<vcpu current='9'>2</vcpu>", "<vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='1'/>", [0]),
      ("<vcpu>1</vcpu>", "<emulatorpin cpuset='4'/><iothreadpin iothread='1' cpuset='4'/>", nil),
      ("<vcpu>1</vcpu>", "<vcpupin vcpu='0' cpuset='0'/><emulatorpin cpuset='4'/>", [0]),
      ("<vcpu>1</vcpu>", "<vcpupin vcpu='0' cpuset='0-'/>", nil),
      ("<vcpu>1</vcpu>", "<vcpupin vcpu='x' cpuset='0'/><vcpupin cpuset='0'/><vcpupin vcpu='0'/>", nil),
      (
        "<vcpu current='1'>4</vcpu><vcpus><vcpu id='0' enabled='no'/><vcpu id='2' enabled='yes'/></vcpus>",
        "<vcpupin vcpu='2' cpuset='9'/>", [2]
      ),
    ] as [(String, String, [Int]?)])
  func `are those of pinned vCPUs, without the threads of the emulator`(
    _ vcpu: String, _ pins: String, _ found: [Int]?
  ) throws {
    #expect(try nodes(vcpu + "<cputune>\(pins)</cputune>") == found)
  }

  @Test func `are those of the running domain, or else of the definition`() throws {
    let host = try nodes(Self.host)
    let description = DomainDescription(
      name: "a", run: .running, now: xml(memory("1"), attributes: "id='3'"), definition: xml(memory("2")))
    #expect(try description.state(on: host).get().numaNodes == [1])
    let stopped = DomainDescription(name: "a", run: .shutoff, now: nil, definition: xml(memory("2")))
    #expect(try stopped.state(on: host).get().numaNodes == [2])
    let transient = DomainDescription(
      name: "a", run: .running, now: xml(memory("0"), attributes: "id='3'"), definition: nil)
    #expect(try transient.state(on: host).get().numaNodes == [0])
  }

  @Test func `are not restricted on a host with one node`() throws {
    #expect(try nodes(memory("0"), on: [(0, "0-3")]) == nil)
    #expect(try nodes("<vcpu cpuset='0'>1</vcpu>", on: [(0, "0-3")]) == nil)
  }
}

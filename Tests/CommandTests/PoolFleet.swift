import Foundation
import Testing

/// A fleet of three hosts of one class, with snapshots of two of them, which have a pool over two NUMA nodes.
/// hv01 is in sync and has room, hv02 has no snapshot, and the pool of hv03 is exhausted.
struct PoolFleet {
  private let folder: TemporaryFolder
  /// The manifests, and the options that name them `fleet.yaml` in all output.
  let manifests: [String]
  let snapshots: String

  init() throws {
    folder = try TemporaryFolder()
    manifests = [try folder.write(Self.text, to: "fleet.yaml"), "--origin", "fleet.yaml"]
    snapshots = folder.path("snapshots")
    try FileManager.default.createDirectory(atPath: snapshots, withIntermediateDirectories: false)
    try write(host: "hv01", guest: "db")
    try write(host: "hv03", guest: "big")
    let applied = try Pcipass.run(["apply"] + manifests + ["--simulate", snapshot("hv01"), "--yes"])
    try #require(applied.status == 0, "\(applied.error)")
    // A process of another tool has a VF open that no guest claims.
    try change(snapshot("hv01")) { state in
      state["functions"] = (state["functions"] as? [[String: Any]] ?? []).map { function in
        guard function["address"] as? String == "0000:03:10.6" else { return function }
        return function.merging(["holders": [["process": 4711, "command": "testpmd"]]]) { $1 }
      }
    }
  }

  func snapshot(_ host: String) -> String { "\(snapshots)/\(host).json" }

  func path(_ name: String) -> String { folder.path(name) }

  func text(_ name: String) throws -> String { try folder.text(name) }

  /// Runs a command with the manifests of the fleet.
  func run(_ words: String...) throws -> Pcipass.Result { try Pcipass.run(words + manifests) }

  private func write(host: String, guest: String) throws {
    try Self.capture(of: host, guest: guest)
      .write(toFile: snapshot(host), atomically: false, encoding: .utf8)
  }

  /// A snapshot of the host before any apply, with this guest, which is shut off.
  static func capture(of host: String, guest: String) throws -> String {
    let capture = Pcipass.root.appending(path: "manifests/captures/hv02.json")
    return try String(contentsOf: capture, encoding: .utf8)
      .replacing("\"host\": \"hv02\"", with: "\"host\": \"\(host)\"")
      .replacing("\"name\": \"db\"", with: "\"name\": \"\(guest)\"")
      .replacing("\"iommuGroup\": 7,", with: "\"iommuGroup\": 7, \"numaNode\": 0,")
      .replacing("\"iommuGroup\": 8,", with: "\"iommuGroup\": 8, \"numaNode\": 1,")
  }

  private static let text =
    """
    apiVersion: pcipass/v1
    kind: HostClass
    metadata: {name: edge}
    spec:
      pools:
        - name: fast
          select: {id: "8086:10c9"}
          expect: {count: 2}
          virtualFunctions: {count: 4, defaults: {vlan: 120}}
    ---
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv01}
    spec: {class: edge}
    ---
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv02}
    spec: {class: edge}
    ---
    apiVersion: pcipass/v1
    kind: Host
    metadata: {name: hv03}
    spec: {class: edge}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: db}
    spec:
      hosts: {class: edge}
      nics:
        - {name: wan, from: fast}
        - {name: backup, from: fast}
    ---
    # It runs on none of the hosts, so that each keeps a member for it.
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: roam}
    spec:
      hosts: {class: edge}
      nics:
        - {name: wan, from: fast}
    ---
    apiVersion: pcipass/v1
    kind: Guest
    metadata: {name: big}
    spec:
      host: hv03
      nics:
        - {name: n0, from: fast}
        - {name: n1, from: fast}
        - {name: n2, from: fast}
        - {name: n3, from: fast}
        - {name: n4, from: fast}
        - {name: n5, from: fast}

    """
}

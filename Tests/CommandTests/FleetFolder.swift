import Foundation

/// A fleet in temporary folders: manifests of hv01 to hv03, each with a NIC `pool` of 4 VFs, and their snapshots.
struct FleetFolder {
  let manifests: TemporaryFolder
  let snapshots: TemporaryFolder
  static let hosts = ["hv01", "hv02", "hv03"]

  init() throws {
    manifests = try TemporaryFolder()
    snapshots = try TemporaryFolder()
    for host in Self.hosts {
      _ = try snapshots.simulated(host)
      try manifests.write(
        """
        apiVersion: pcipass/v1
        kind: Host
        metadata: {name: \(host)}
        spec:
          nics:
            - {name: pool, select: {address: "0000:02:00.0"}, virtualFunctions: {count: 4}}
        """, to: "\(host).yaml")
    }
  }

  /// Writes the Guest `roam` with this `spec`, whose only claim is `pool/0`.
  func guest(_ spec: String, claim more: String = "") throws {
    try manifests.write(
      """
      apiVersion: pcipass/v1
      kind: Guest
      metadata: {name: roam}
      spec:
        \(spec)
        nics:
          - {name: net, from: pool/0\(more)}
      """, to: "roam.yaml")
  }

  /// Writes a Guest of this host that has an unknown key.
  func fault(of host: String) throws {
    try manifests.write(
      "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: bad}, spec: {host: \(host), nics: [], extra: 1}}\n",
      to: "bad.yaml")
  }

  /// Plans the fleet from the folder of snapshots. Printed paths do not depend on the folders.
  func plan(_ arguments: String...) throws -> Pcipass.Result {
    let result = try Pcipass.run(
      ["plan", manifests.url.path, "--state", snapshots.url.path] + arguments)
    return Pcipass.Result(
      status: result.status, output: readable(result.output), error: readable(result.error))
  }

  private func readable(_ text: String) -> String {
    [manifests.url.path: "fleet", snapshots.url.path: "snapshots"].reduce(text) {
      // JSON escapes no slash.
      $0.replacing($1.key, with: $1.value)
    }
  }
}

extension Pcipass.Result {
  /// The number of messages on standard error with this severity and code.
  func count(_ severity: String, _ code: String) -> Int {
    error.split(separator: "\n").count { $0.contains("\(severity): ") && $0.hasSuffix("[\(code)]") }
  }
}

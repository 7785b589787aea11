import ArgumentParser
import Documents
import Manifests
import Planning

/// The part of the manifests that a run covers.
struct ManifestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Plan only this NIC, port or guest: nic/NAME, nic/POOL/PORT or guest/NAME. Can be repeated.",
      valueName: "kind/name"),
    completion: .targets, transform: Target.parse)
  var target: [Target] = []

  @Flag(
    help:
      """
      Also remove devices of pcipass from guests that no longer have a manifest. If these are most guests, give \
      their number: --prune=N.
      """
  )
  var prune = false

  /// A flag cannot have a value, so `expanded` splits `--prune=N` into two arguments.
  @Option(
    name: .customLong(Self.pruneCountName),
    help: ArgumentHelp(
      "With --prune: the number of guests that no longer have a manifest; --prune=N sets both.",
      valueName: "number"))
  var pruneCount: Int?

  @Option(
    help: ArgumentHelp(
      "The part of the host to plan: host leaves out guests, and asks neither libvirt nor QEMU.",
      valueName: "part"))
  var part = RequestPart.everything

  private static let pruneCountName = "prune-count"

  /// The arguments, with `--prune=N` split into two.
  static func expanded(_ arguments: [String]) -> [String] {
    var isOption = true
    return arguments.flatMap { word -> [String] in
      if word == "--" { isOption = false }
      guard isOption, word.hasPrefix("--prune=") else { return [word] }
      return ["--prune", "--\(pruneCountName)=\(word.dropFirst("--prune=".count))"]
    }
  }

  mutating func validate() throws {
    if part == .host { try checkHostPart() }
    guard let pruneCount else { return }
    if !prune { throw ValidationError("--\(Self.pruneCountName) needs --prune") }
    if !(0...Int(Int32.max)).contains(pruneCount) {
      throw ValidationError("--prune=N needs the number of guests that no longer have a manifest")
    }
  }

  /// Throws if another option is about guests.
  private func checkHostPart() throws {
    if prune {
      throw ValidationError("--prune removes devices from guests, and --part host does not change guests")
    }
    if reassign {
      throw ValidationError("--reassign assigns members of pools, and --part host assigns no new ones")
    }
    for case .guest(let name) in target {
      throw ValidationError(
        "--target guest/\(name) is about a guest, and --part host plans only the host: use --target nic/NAME")
    }
  }

  @Flag(
    name: .customLong("legacy-new-id"),
    help: "Bind by new_id, for kernels before 3.16, which have no driver_override.")
  var legacyNewID = false

  @Flag(
    help:
      """
      Assign members of pools even if it is unknown which ones a guest has that does not run: such a guest gets \
      new ones.
      """)
  var reassign = false

  /// - Parameter drained: the NICs and ports that guests leave.
  func request(
    drained: [NICReference] = [], _ host: HostManifest, _ guests: [GuestManifest]
  ) -> Request { requests(drained: drained)(host, guests) }

  /// The same for the hosts of a fleet, which are planned in parallel.
  func requests(drained: [NICReference]) -> @Sendable (HostManifest, [GuestManifest]) -> Request {
    { [target, prune, pruneCount, legacyNewID, reassign, part] host, guests in
      Request(
        host: host, guests: guests, targets: target, prune: prune, pruneCount: pruneCount,
        legacyNewID: legacyNewID, reassigns: reassign, drained: drained, part: part)
    }
  }

  /// The documents of the manifests for the observed host.
  func request(
    drained: [NICReference] = [], _ fleet: Fleet, for host: String
  ) throws(Diagnostics) -> Request {
    let host = try fleet.manifest(of: host)
    return request(drained: drained, host, fleet.guests(of: host))
  }
}

extension RequestPart: ExpressibleByArgument {}

import Documents
import HostModel

/// Where libvirt places the memory and the vCPUs of a domain on the host
/// (https://libvirt.org/formatdomain.html#numa-node-tuning, #cpu-allocation and #cpu-tuning).
enum DomainPlacement {
  /// The nodes or the CPUs that the placement allows.
  private enum Restriction {
    case unrestricted, unknown
    case numbers(NumberRanges)
  }

  /// No machine type of QEMU has more vCPUs.
  private static let mostVCPUs = 16_384
  /// The kernel supports at most this number of nodes (MAX_NUMNODES).
  private static let mostNodes = 1024

  /// The nodes that a domain is restricted to: those of its memory, or if that is not restricted, those of its
  /// vCPUs. Nil if it is not restricted, or if that is unknown.
  ///
  /// - Parameters:
  ///   - root: the element `<domain>`.
  ///   - host: the nodes of the host; nil if they are unknown.
  static func nodes(of root: XMLElement, on host: [NUMANode]?) -> [Int]? {
    switch memory(root) {
    case .unknown: return nil
    case .unrestricted: break
    case .numbers(let numbers):
      guard let host else {
        let all = numbers.numbers
        return all.count > mostNodes ? nil : all
      }
      // A domain that may use all nodes can still have its vCPUs on some of them.
      guard host.allSatisfy({ numbers.contains($0.node) }) else { return host.restricted(to: numbers) }
    }
    guard case .numbers(let cpus) = cpus(root) else { return nil }
    return host?.restricted(toNodesOf: cpus)
  }

  /// The nodes in `<numatune>`, of the whole domain and of its cells.
  private static func memory(_ root: XMLElement) -> Restriction {
    guard let tuning = root.first("numatune") else { return .unrestricted }
    let memory = tuning.first("memory")
    if memory?[attribute: "placement"] == "auto" { return .unknown }
    let all = [memory].compactMap { $0 } + tuning.all("memnode")
    return union(all.compactMap { $0[attribute: "nodeset"] })
  }

  /// The CPUs of the vCPUs: those of `<vcpupin>`, or for a vCPU without it those of `<vcpu cpuset=…>`.
  private static func cpus(_ root: XMLElement) -> Restriction {
    guard let vcpu = root.first("vcpu"), vcpu[attribute: "placement"] != "auto",
      let most = Int(vcpu.text.filter { !$0.isWhitespace }), (1...mostVCPUs).contains(most)
    else { return .unknown }
    var pins: [Int: String] = [:]
    for pin in root.first("cputune")?.all("vcpupin") ?? [] {
      if let number = pin[attribute: "vcpu"].flatMap({ Int($0) }) { pins[number] = pin[attribute: "cpuset"] }
    }
    let enabled = enabled(root, vcpu, most)
    let set = vcpu[attribute: "cpuset"]
    var sets = enabled.compactMap { pins[$0] }
    if sets.count < enabled.count {
      guard let set else { return .unrestricted }
      sets.append(set)
    }
    return union(sets)
  }

  /// The numbers of the vCPUs that the domain has now.
  private static func enabled(_ root: XMLElement, _ vcpu: XMLElement, _ most: Int) -> Set<Int> {
    if let list = root.first("vcpus") {
      return Set(
        list.all("vcpu").filter { $0[attribute: "enabled"] == "yes" }
          .compactMap { $0[attribute: "id"].flatMap { Int($0) } })
    }
    let current = vcpu[attribute: "current"].flatMap { Int($0) } ?? most
    return Set(0..<max(1, min(current, most)))
  }

  private static func union(_ sets: [String]) -> Restriction {
    guard !sets.isEmpty else { return .unrestricted }
    var ranges: [ClosedRange<Int>] = []
    for set in Set(sets) {
      guard let numbers = NumberRanges(libvirt: set) else { return .unknown }
      ranges += numbers.ranges
    }
    return ranges.isEmpty ? .unknown : .numbers(NumberRanges(ranges))
  }
}

extension NumberRanges {
  private static let longestSet = 65_536
  /// libvirt reads exclusions and does not print them, so more of them do not occur.
  private static let mostExclusions = 64

  /// Reads a `cpuset` or `nodeset` of libvirt: `0-3,^2,5`. A number after `^` is excluded from those before it. Nil
  /// if the text is not a set.
  init?(libvirt text: String) {
    guard text.utf8.count <= Self.longestSet else { return nil }
    var result = NumberRanges()
    var ranges: [ClosedRange<Int>] = []
    var exclusions = 0
    for part in divided(text, at: ",") {
      let part = part.filter { $0 != " " }
      if part.hasPrefix("^") {
        guard let number = Self.number(part.dropFirst()), exclusions < Self.mostExclusions else { return nil }
        result = NumberRanges(result.ranges + ranges).removing(number)
        ranges = []
        exclusions += 1
      } else {
        guard let range = Self.range(part) else { return nil }
        ranges.append(range)
      }
    }
    self = NumberRanges(result.ranges + ranges)
  }
}

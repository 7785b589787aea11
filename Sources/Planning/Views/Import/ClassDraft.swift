import Documents
import HostModel
import Manifests

/// A class of hosts while it is made: the hosts, and the NICs that all of them have.
struct ClassDraft {
  /// The numbers of the hosts.
  private(set) var members: [Int]
  private(set) var nics: [SharedNIC]
  /// The NIC that each selector selects.
  private var numbers: [SharedNIC.Key: Int] = [:]

  private init(_ nics: [SharedNIC], of member: Int) {
    members = [member]
    self.nics = nics
    index()
  }

  private mutating func index() {
    numbers = Dictionary(
      nics.enumerated().flatMap { number, nic in nic.selectors.map { (nic.key($0), number) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Returns the pairs of NICs that the hosts of both have in common. A better selector comes first, so that a
  /// NIC in another slot with the same address is not the same one.
  private func common(with other: ClassDraft) -> [(own: Int, other: Int)] {
    var pairs: [(own: Int, other: Int)] = []
    var taken: Set<Int> = []
    var open = Array(nics.indices)
    for rank in Selector.Rank.allCases {
      open.removeAll { number in
        let selectors = nics[number].selectors.filter { $0.rank == rank }
        let found = selectors.lazy.compactMap { other.numbers[nics[number].key($0)] }
          .first { !taken.contains($0) }
        guard let found else { return false }
        taken.insert(found)
        pairs.append((number, found))
        return true
      }
    }
    return pairs.sorted { $0.own < $1.own }
  }

  /// Adds hosts. Only the NICs stay that they have in common.
  private mutating func add(_ other: ClassDraft, _ pairs: [(own: Int, other: Int)]) {
    members += other.members
    nics = pairs.map { pair in
      var nic = nics[pair.own]
      let added = other.nics[pair.other]
      nic.selectors.removeAll { !added.selectors.contains($0) }
      nic.functions.merge(added.functions) { one, _ in one }
      return nic
    }
    index()
  }

  /// The number of entries that the documents have less if these hosts join, or nil if they have more.
  private func gain(_ other: ClassDraft, common: Int) -> Int? {
    let alone = other.nics.count + (other.members.count > 1 ? 1 : 0)
    // Each host writes what is no longer in the class, and a class of one host is not written.
    let joined =
      (nics.count - common) * (members.count - 1) + (other.nics.count - common) * other.members.count
      + (members.count == 1 ? 1 : 0)
    let isSame = common == nics.count && common == other.nics.count
    return joined < alone || isSame ? alone - joined : nil
  }

  /// Divides hosts into classes; each host with a NIC is in one, which may have no other host. Hosts with the
  /// same NICs come first. Others join the class with which the documents get shortest, so that an additional
  /// NIC of one host does not divide a class.
  static func all(_ nics: [[SharedNIC]]) -> [ClassDraft] {
    let hosts = nics.indices.filter { !nics[$0].isEmpty }
    let groups = Dictionary(grouping: hosts) { number in
      Set(nics[number].compactMap { nic in nic.selectors.first.map(nic.key) })
    }
    let sorted = groups.values.sorted { one, other in
      (other.count, nics[other[0]].count, one[0]) < (one.count, nics[one[0]].count, other[0])
    }
    var classes: [ClassDraft] = []
    var candidates: [SharedNIC.Key: Set<Int>] = [:]
    for group in sorted {
      var draft = ClassDraft(nics[group[0]], of: group[0])
      for number in group.dropFirst() {
        let one = ClassDraft(nics[number], of: number)
        draft.add(one, draft.common(with: one))
      }
      let near = Set(draft.numbers.keys.flatMap { candidates[$0] ?? [] }).sorted()
      let best = near.compactMap { number -> (gain: Int, number: Int, pairs: [(own: Int, other: Int)])? in
        let pairs = classes[number].common(with: draft)
        guard !pairs.isEmpty else { return nil }
        return classes[number].gain(draft, common: pairs.count).map { ($0, number, pairs) }
      }.max { ($0.gain, $1.number) < ($1.gain, $0.number) }
      if let best {
        classes[best.number].add(draft, best.pairs)
      } else {
        for key in draft.numbers.keys { candidates[key, default: []].insert(classes.count) }
        classes.append(draft)
      }
    }
    return classes
  }
}

extension Selector {
  /// The kinds of selectors of an import, the best for a class first.
  fileprivate enum Rank: CaseIterable { case slot, path, address }

  fileprivate var rank: Rank { slot != nil ? .slot : path != nil ? .path : .address }
}

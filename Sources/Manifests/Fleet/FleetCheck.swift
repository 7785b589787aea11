import Documents
import Files
import HostModel

/// Checks across documents: names that are declared twice, and claims of NICs that do not exist or are
/// claimed already.
public enum FleetCheck {
  /// Returns all problems, grouped by host. Hosts are checked in parallel, because no check
  /// concerns two hosts.
  ///
  /// - Parameters:
  ///   - undecoded: the names of the hosts whose Host document cannot be decoded.
  ///   - isComplete: whether all documents could be read, or at least told what they are. If not, a missing
  ///     Host is not reported, because it may be in an unreadable document.
  public static func diagnostics(
    of fleet: Fleet, undecoded: [String] = [], isComplete: Bool = true
  ) -> [Diagnostic] {
    let guests = fleet.guestsByHost
    var groups: [String: [HostManifest]] = [:]
    groups.reserveCapacity(fleet.hosts.count)
    var names: [String] = []
    for host in fleet.hosts {
      if groups[host.name] == nil { names.append(host.name) }
      groups[host.name, default: []].append(host)
    }
    let found = inParallel(count: names.count, atLeast: 500) { [groups, names] part in
      names[part].flatMap { name -> [Diagnostic] in
        guard let hosts = groups[name], let host = hosts.first else { return [] }
        var result: [Diagnostic] = []
        for second in hosts.dropFirst() {
          result.append(
            .duplicateName("the host \(name)", second.metadata.name, host.metadata.name))
        }
        EntryCheck.check(host, &result)
        GuestCheck.check(guests[host], of: name, host, &result)
        return result.map { $0.concerning(name) }
      }
    }
    let missing = guests.hostNames.filter { groups[$0] == nil }
    let contradictions = missing.flatMap { name in
      var result: [Diagnostic] = []
      GuestCheck.check(guests.naming(name), of: name, nil, &result)
      return result.map { $0.concerning(name) }
    }
    let used = Set(fleet.hosts.compactMap(\.spec.hostClass?.value))
    let unused = fleet.classes.filter { !used.contains($0.name) }
    var result = merged(found + contradictions) + unused.flatMap(EntryCheck.diagnostics(ofUnused:))
    if isComplete {
      let unknown = Set(missing).subtracting(undecoded).sorted()
      result += unknownHosts(unknown, guests, among: fleet.hosts.map(\.name) + undecoded)
    }
    return result + fleet.guests.flatMap(GuestCheck.warnings(of:))
  }

  /// Returns the problems without repetition. A problem in a document that several hosts share is found on
  /// each of them; the first one says so.
  private static func merged(_ found: [Diagnostic]) -> [Diagnostic] {
    guard found.count > 1 else { return found }
    var result: [Diagnostic] = []
    var places: [String: Int] = [:]
    for problem in found {
      let place = problem.location.map { "\(problem.code) \($0)" }
      if let place, let index = places[place] {
        result[index].hosts? += problem.hosts ?? []
      } else {
        if let place { places[place] = result.count }
        result.append(problem)
      }
    }
    return result.map { problem in
      var problem = problem
      let others = Set(problem.hosts ?? []).count - 1
      if others > 0 { problem.message += " (the same on \(others) other host\(others == 1 ? "" : "s"))" }
      return problem
    }
  }

  private static func unknownHosts(
    _ missing: [String], _ guests: GuestsByHost, among names: [String]
  ) -> [Diagnostic] {
    missing.flatMap { name in guests.naming(name).map { unknownHost(name, of: $0, among: names) } }
  }

  private static func unknownHost(
    _ host: String, of guest: GuestManifest, among names: [String]
  ) -> Diagnostic {
    // The search for the nearest name visits all names, which is too slow to do for each guest of a large
    // fleet.
    let short = String(host.prefix { $0 != "." })
    let near =
      names.count > 200 ? nil : names.first { $0 == short } ?? nearest(to: host, among: names.sorted())
    return Diagnostic(
      code: "unknown-host", "the manifests have no Host named \(host)", at: guest.spec.hosts.location,
      help: near.map { "did you mean \($0)?" } ?? "add the file with this Host"
    ).concerning(host)
  }
}

extension Diagnostic {
  /// The same problem, which concerns only this host.
  fileprivate func concerning(_ host: String) -> Diagnostic {
    var result = self
    result.hosts = [host]
    return result
  }
}

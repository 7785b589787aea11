import Documents
import Execution
import Files
import HostModel
import Manifests
import Planning
import Reporting
import SystemPackage

extension CompletionLine {
  var addresses: [CompletionCandidate] {
    (state?.functions ?? []).filter { has("--all") || $0.deviceClass.isNetwork }.map { function in
      let name = function.interfaces.first?.name ?? function.driver
      return CompletionCandidate(
        "\(function.address)", [name, function.name].compactMap { $0 }.joined(separator: ", "))
    }
  }

  var nics: [CompletionCandidate] {
    fleet.hosts.flatMap { host in
      host.spec.nics.map { CompletionCandidate($0.name.value, "NIC of \(host.name)") }
        + host.spec.pools.map { CompletionCandidate($0.name.value, "pool of \(host.name)") }
    }
  }

  var guests: [CompletionCandidate] {
    fleet.guests.map { CompletionCandidate($0.name, "guest on \($0.hosts)") }
  }

  var targets: [CompletionCandidate] {
    nics.map { CompletionCandidate("nic/" + $0.word, $0.description) }
      + guests.map { CompletionCandidate("guest/" + $0.word, $0.description) }
  }

  var journals: [CompletionCandidate] {
    let ids = (try? store?.ids()) ?? []
    // Only the last 10 have a description, because each journal must be read for it.
    let known = ids.suffix(10).compactMap { try? store?.journal($0) }
    let context = RunContext(of: known, isAtWork: false)
    let text = HistoryText(style: .plain, context)
    let words = Dictionary(
      known.map { ($0.id, "\(HistoryText.action(context.report($0))), \(text.outcome($0))") }
    ) { first, _ in first }
    return ids.reversed().map { CompletionCandidate("\($0)", words[$0] ?? "") }
  }

  var plans: [CompletionCandidate] {
    names(in: ".").filter { $0.hasSuffix(".plan") }.sorted().map { CompletionCandidate($0, "a saved plan") }
  }

  var unconfirmed: [CompletionCandidate] {
    guard case .awaitsConfirmation(let journal)? = try? store?.obstacle() else { return [] }
    return [CompletionCandidate("\(journal.id)", "by \(journal.header.by), \(journal.began)")]
  }

  /// The manifests on the command line, or those that were applied last. If they include the host
  /// of the command line, only the documents of that host are used.
  private var fleet: Fleet {
    let paths = arguments.filter(isManifests)
    guard !paths.isEmpty, isSmall(paths) else { return applied ?? Fleet() }
    let all = Loader.load(paths).fleet
    guard let name = self["--host"] ?? state?.host, let host = all.hosts.first(where: { $0.name == name })
    else { return all }
    return Fleet(hosts: [host], guests: all.guests(of: host))
  }

  private var applied: Fleet? {
    let ids = (try? store?.ids()) ?? []
    let named = arguments.compactMap { Int($0) }.last { ids.contains($0) }
    guard let id = named ?? ids.last, let request = (try? store?.journal(id))?.request else { return nil }
    return Fleet(hosts: [request.host], guests: request.guests)
  }

  private func isManifests(_ path: String) -> Bool {
    guard let type = try? Stat(path).type else { return false }
    return type == .directory
      || type == .regular && [".yaml", ".yml", ".json"].contains(where: path.hasSuffix)
  }

  /// Whether the paths contain at most 4000 names, because a completion must be fast and a folder
  /// may be the whole disk.
  private func isSmall(_ paths: [String]) -> Bool {
    var left = 4000
    // Only links on the command line are followed.
    var folders = paths.map { $0 + "/." }
    while left > 0, let folder = folders.popLast() {
      // Most names that cannot be opened as a folder are files.
      for name in names(in: folder, upTo: left) {
        left -= 1
        folders.append(folder + "/" + name)
      }
    }
    return left > 0
  }

  /// The names in a folder without hidden files; empty if the path is a link or not a folder.
  private func names(in folder: String, upTo limit: Int = 4000) -> [String] {
    (try? Folder.shownNames(at: folder, followsLink: false, upTo: limit)) ?? []
  }
}

import Documents
import Execution
import Glibc
import HostModel
import Manifests
import Planning
import Reporting

extension CompletionLine {
  var addresses: [Candidate] {
    (state?.functions ?? []).filter { has("--all") || $0.deviceClass.isNetwork }.map { function in
      let name = function.interfaces.first?.name ?? function.driver
      return Candidate(
        "\(function.address)", [name, function.name].compactMap { $0 }.joined(separator: ", "))
    }
  }

  var nics: [Candidate] {
    fleet.hosts.flatMap { host in host.spec.nics.map { Candidate($0.name.value, "NIC of \(host.name)") } }
  }

  var guests: [Candidate] { fleet.guests.map { Candidate($0.name, "guest on \($0.host)") } }

  var targets: [Candidate] {
    nics.map { Candidate("nic/" + $0.word, $0.description) }
      + guests.map { Candidate("guest/" + $0.word, $0.description) }
  }

  var journals: [Candidate] {
    let ids = (try? store?.ids()) ?? []
    // What became of each is told of the last ones only: each is read for that.
    let known = ids.suffix(10).compactMap { try? store?.journal($0) }
    let text = HistoryText(style: .plain, of: known, isAtWork: false)
    let words = Dictionary(known.map { ($0.id, "\(text.task($0)), \(text.outcome($0))") }) { first, _ in first
    }
    return ids.reversed().map { Candidate("\($0)", words[$0] ?? "") }
  }

  var plans: [Candidate] {
    names(in: ".").filter { $0.hasSuffix(".plan") }.sorted().map { Candidate($0, "a saved plan") }
  }

  var unconfirmed: [Candidate] {
    guard case .awaitsConfirmation(let journal)? = try? store?.obstacle() else { return [] }
    return [Candidate("\(journal.id)", "by \(journal.header.by), \(journal.began)")]
  }

  /// What the manifests say that stand in the line, or else those that were carried out last: of one host, where it is
  /// among them.
  private var fleet: Fleet {
    let paths = arguments.filter(isManifests)
    guard !paths.isEmpty, isSmall(paths) else { return applied ?? Fleet() }
    let all = Loader.load(paths).fleet
    guard let name = self["--host"] ?? state?.host, all.hosts.contains(where: { $0.name == name }) else {
      return all
    }
    return Fleet(hosts: all.hosts.filter { $0.name == name }, guests: all.guests.filter { $0.host == name })
  }

  private var applied: Fleet? {
    let ids = (try? store?.ids()) ?? []
    let named = arguments.compactMap { Int($0) }.last { ids.contains($0) }
    guard let id = named ?? ids.last, let request = (try? store?.journal(id))?.request else { return nil }
    return Fleet(hosts: [request.host], guests: request.guests)
  }

  private func isManifests(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let isFile = status.st_mode & S_IFMT == S_IFREG && (path.hasSuffix(".yaml") || path.hasSuffix(".yml"))
    return isFile || status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether they are read while somebody waits for the next letter. A folder may be all of the disk.
  private func isSmall(_ paths: [String]) -> Bool {
    var left = 4000
    // Only what was named is followed where it is a link.
    var folders = paths.map { $0 + "/." }
    while left > 0, let folder = folders.popLast() {
      // What cannot be opened is a file, mostly.
      for name in names(in: folder, upTo: left) {
        left -= 1
        folders.append(folder + "/" + name)
      }
    }
    return left > 0
  }

  /// What is in a folder, hidden files left out; nothing where it is none, or a link.
  private func names(in folder: String, upTo limit: Int = 4000) -> [String] {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    guard let listing = fdopendir(descriptor) else {
      close(descriptor)
      return []
    }
    defer { closedir(listing) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}

import Documents
import HostModel
import Manifests
import Planning

/// The result of an import of several hosts: files with manifests, and a summary.
public struct ImportedFleetText {
  private let result: FleetImport
  /// The text of each host as it is imported alone.
  private let texts: [ImportText]

  /// - Parameter states: the hosts, in the order in which they were imported.
  public init(_ result: FleetImport, on states: [HostState]) {
    self.result = result
    texts = zip(result.hosts, states).map { ImportText($0.result, on: $1) }
  }

  /// The files and their paths in the folder: classes, then guests, then hosts.
  public var files: [(path: String, text: String)] {
    let classes = result.classes.map { ("classes/\(fileName($0.manifest.name))", text($0)) }
    let shared = result.classes.flatMap { each in
      each.guests.map { (path($0, in: each.manifest.name), ManifestText.text($0)) }
    }
    let guests = zip(result.hosts, texts).flatMap { host, text in
      host.guests.map { (path($0, in: host.manifest.name), text.text($0)) }
    }
    let hosts = zip(result.hosts, texts).map { ("hosts/\(fileName($0.manifest.name))", text($0, $1)) }
    return classes + shared + guests + hosts
  }

  /// All documents as one text.
  public var documents: String { files.map(\.text).joined(separator: "---\n") }

  private func path(_ guest: GuestManifest, in folder: String) -> String {
    "guests/\(folder)/\(fileName(guest.name))"
  }

  /// The name of the file of a document. A file system accepts at most 255 bytes, so the end of a long name is
  /// replaced by its digest.
  private func fileName(_ name: String) -> String {
    let stem =
      name.utf8.count <= 240 ? name : "\(name.prefix(200))-\(SHA256.hexDigest(of: name.utf8).prefix(16))"
    return stem + ".yaml"
  }

  // MARK: Documents

  private func text(_ each: FleetImport.ImportedClass) -> String {
    let first = texts[each.members[0]]
    let remarks = each.manifest.spec.nics.map { nic -> (String, [String]) in
      let function = first.function(nic.name.value)
      return (nic.name.value, function.map { ["[\($0.id)]" + ($0.name.map { " \($0)" } ?? "")] } ?? [])
    }
    return "# The NICs that \(each.members.count) hosts have in common.\n"
      + ManifestText.text(each.manifest, remarks: Dictionary(remarks) { one, _ in one })
  }

  private func text(_ host: FleetImport.ImportedHost, _ alone: ImportText) -> String {
    guard host.manifest.spec.hostClass != nil else { return alone.host }
    let nics = host.manifest.spec.nics
    let remarks = Dictionary(nics.map { ($0.name.value, alone.notes(on: $0)) }) { one, _ in one }
    return
      (nics.isEmpty ? "" : "# The NICs that \(host.manifest.name) has in addition to those of its class.\n")
      + ManifestText.text(host.manifest, remarks: remarks)
  }

  // MARK: Summary

  /// What the import left out, the classes, and what a plan would do. It is meant for the terminal, not for the
  /// files.
  public var summary: String {
    let nics = result.hosts.reduce(0) { $0 + $1.result.host.spec.nics.count }
    let guests = result.hosts.reduce(0) { $0 + $1.result.guests.count }
    var text = remarks + classes + "\(pluralised(result.hosts.count, "host")): "
    text += "\(pluralised(nics, "NIC")), \(pluralised(guests, "guest")). "
    if nics == 0 {
      text += "No guest has a NIC, and no NIC is reserved. To include the available NICs: --free\n"
    } else {
      let marked = result.hosts.reduce(0) {
        $0 + Set($1.result.plan.steps.compactMap(\.action.function)).count
      }
      text +=
        marked == 0
        ? "A plan of these manifests has no changes.\n"
        : "A plan of these manifests marks \(pluralised(marked, "NIC")) as assigned by pcipass, and changes nothing else.\n"
    }
    if result.hosts.contains(where: \.result.leavesOutChanges) {
      text +=
        "To import one host with what is left out because a plan would change it: pcipass import --state FOLDER/NAME.json\n"
    }
    return text
  }

  /// Each remark once, with the hosts that it is about.
  private var remarks: String {
    var hosts: [String: [String]] = [:]
    var lines: [String] = []
    for host in result.hosts {
      for remark in host.result.remarks {
        let line = "\(printable(remark.subject)): \(printable(remark.text))"
        if hosts[line] == nil { lines.append(line) }
        hosts[line, default: []].append(host.manifest.name)
      }
    }
    return lines.map { "  \(names(hosts[$0] ?? [])): \($0)\n" }.joined()
  }

  private var classes: String {
    let lines = result.classes.map { each in
      let more = each.members.count { !result.hosts[$0].manifest.spec.nics.isEmpty }
      return "\(each.manifest.name): \(pluralised(each.members.count, "host")), "
        + "\(pluralised(each.manifest.spec.nics.count, "NIC")) in common"
        + (more > 0 ? "; \(pluralised(more, "host")) with more NICs" : "") + "\n"
    }
    let others = result.hosts.filter { $0.manifest.spec.hostClass == nil }.map(\.manifest.name)
    return lines.joined() + (lines.isEmpty || others.isEmpty ? "" : "without a class: \(names(others))\n")
  }

  /// At most three names.
  private func names(_ all: [String]) -> String {
    all.count <= 3
      ? all.joined(separator: ", ")
      : all.prefix(2).joined(separator: ", ") + " and \(all.count - 2) others"
  }
}

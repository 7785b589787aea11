import Documents
import TestSupport
import Testing

@testable import Manifests

@Suite("An error in a manifest")
struct FaultTests {
  private func host(_ name: String, _ spec: String = "nics: []") -> String {
    "{apiVersion: pcipass/v1, kind: Host, metadata: {name: \(name)}, spec: {\(spec)}}\n---\n"
  }

  private func guest(_ name: String, _ spec: String, nics: String = "[]") -> String {
    "{apiVersion: pcipass/v1, kind: Guest, metadata: {name: \(name)}, spec: {\(spec), nics: \(nics)}}\n---\n"
  }

  private let edge = """
    {apiVersion: pcipass/v1, kind: HostClass, metadata: {name: edge}, spec: {nics: []}}
    ---

    """

  private func loader(_ documents: String...) -> Loader {
    Loader.load(Source(name: "t.yaml", text: documents.joined()))
  }

  /// The hosts of each error; `*` is every host.
  private func concerned(_ documents: String...) -> [String] {
    Loader.load(Source(name: "t.yaml", text: documents.joined())).diagnostics
      .filter { $0.severity == .error }.map { $0.hosts?.joined(separator: ",") ?? "*" }
  }

  @Test("of a Host or a Guest concerns the hosts that the document names")
  func scopes() {
    let two = host("a") + host("b")
    #expect(concerned(two, host("c", "nisc: []")) == ["c", "c"])
    #expect(concerned(two, host("c", "nics: [{name: lan}]")) == ["c"])
    #expect(concerned(two, host("c").replacing("pcipass/v1", with: "pcipass/v2")) == ["c"])
    #expect(concerned(two, guest("g", "host: b, x: 1")) == ["b"])
    #expect(concerned(two, guest("g", "hosts: [a, b], x: 1")) == ["a,b"])
    #expect(concerned(two, guest("g h", "host: b")) == ["b"])
  }

  @Test("of a Guest of a class concerns the hosts that have the class, or may have it")
  func classes() {
    let hosts = edge + host("a", "class: edge, nics: []") + host("b")
    let broken = guest("g", "hosts: {class: edge}, x: 1")
    #expect(concerned(hosts, broken) == ["a"])
    #expect(concerned(hosts, host("c", "class: edge, x: 1"), broken) == ["c", "a,c"])
    #expect(concerned(hosts, host("c", "class: [], nics: []"), broken) == ["c", "a,c"])
    #expect(concerned(hosts, host("c", "class: core, x: 1"), broken) == ["c", "a"])
    #expect(concerned(hosts, host("c", "x: 1, nics: []"), broken) == ["c", "a"])
    // The name of the class may be mistyped.
    #expect(concerned(hosts, guest("g", "hosts: {class: egde}, x: 1")) == ["*"])
  }

  @Test("concerns every host where the text does not tell, or the document is shared")
  func shared() {
    let two = host("a") + host("b")
    for document in [
      host("'c d'"), "{kind: Hots}\n---\n", "[]\n---\n", guest("g", "hsot: b"), guest("g", "host: [b]"),
      guest("g", "host: a, hosts: [b]"), guest("g", "hosts: [a, 'b c']"), guest("g", "hosts: {clas: edge}"),
      edge.replacing("nics", with: "nisc"), "{apiVersion: v1, kind: List, items: 3}\n---\n",
    ] {
      let found = concerned(two, document)
      #expect(!found.isEmpty && found.allSatisfy { $0 == "*" }, "\(document): \(found)")
    }
    #expect(concerned(two, "{") == ["*"])
    #expect(concerned(guest("g", "hosts: {class: egde}"), two) == ["*"])
  }

  @Test("of another host is a warning on a host, and names the host that it concerns")
  func onHost() throws {
    let loaded = try LoadedManifests(
      loader(
        host("a"), host("b", "nics: [{name: lan}]"), host("c"),
        guest("g", "host: c", nics: "[{name: n, from: x}]")))
    let (fleet, warnings) = try loaded.checked(on: "a")
    #expect(fleet.hosts.map(\.name) == ["a", "c"])
    #expect(warnings.map(\.severity) == [.warning, .warning])
    #expect(warnings.map(\.code) == ["missing-key", "unknown-nic"])
    #expect(warnings.first?.message.names("b") == true)
    for (host, severities) in [
      ("b", [Diagnostic.Severity.error, .warning]), ("c", [.warning, .error]),
    ] {
      do throws(Diagnostics) {
        _ = try loaded.checked(on: host)
        Issue.record("\(host) was accepted")
      } catch {
        #expect(error.all.map(\.severity) == severities)
      }
    }
    #expect(loaded.undecodedHosts == ["b"])
  }

  @Test("that may concern every host stops, with all others")
  func everywhere() {
    do throws(Diagnostics) {
      _ = try LoadedManifests(loader(host("a"), host("b", "x: 1, nics: []"), "{kind: Hots}"))
      Issue.record("accepted")
    } catch {
      #expect(error.all.map(\.severity) == [.error, .error])
    }
  }

  @Test("does not hide that another document refers to something missing")
  func references() {
    // The Host c cannot be decoded, so only d is missing.
    #expect(
      concerned(host("a"), host("c", "x: 1, nics: []"), guest("g", "host: c"), guest("h", "host: d")) == [
        "c", "d",
      ])
    #expect(concerned(host("a", "class: core, nics: []"), guest("g", "host: a, x: 1")) == ["a", "a"])
    // An unreadable document may be the missing one.
    #expect(
      concerned("{kind: Hots}\n---\n", host("a", "class: core, nics: []"), guest("h", "host: d")) == ["*"])
  }

  @Test("of a claim concerns each host of the guest on which it is one")
  func claims() {
    let lan = "nics: [{name: lan, select: {address: '0000:03:00.0'}}]"
    let found = loader(
      host("a", lan), host("b"), host("c"), guest("g", "hosts: [a, b, c]", nics: "[{name: n, from: lan}]"))
    #expect(found.diagnostics.map(\.hosts) == [["b", "c"]])
  }

  @Test("of thousands of documents is attributed in linear time", .timeLimit(.minutes(1)))
  func many() {
    var text = edge
    for number in 0..<5000 { text += host("h\(number)", "class: edge, x: 1, nics: []") }
    for number in 0..<5 { text += guest("g\(number)", "hosts: {class: edge}, x: 1") }
    let found = loader(text).diagnostics
    #expect(found.count == 5005)
    #expect(found.last?.hosts?.count == 5000)
  }
}

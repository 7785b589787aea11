import Documents

/// How the text of a file is read.
public enum ManifestFormat: Sendable {
  /// YAML with any number of documents. It includes JSON, apart from a few escapes.
  case yaml
  /// One JSON document, read strictly.
  case json

  /// The format of a file: JSON for names that end in `.json`, and YAML for all others.
  public init(ofFile path: String) { self = path.hasSuffix(".json") ? .json : .yaml }
}

/// A file that manifests are read from.
struct ManifestFile {
  let path: String
  /// Whether the file was found in a folder. A folder may also have JSON documents of pcipass that are not
  /// manifests.
  var isFound = false
}

/// The kinds of JSON documents that pcipass writes and that are not manifests. They may lie in a folder of
/// manifests: snapshots, saved plans, and the state folder of a simulated host.
public enum NonManifestKind: String, CaseIterable, Sendable {
  case hostState = "HostState"
  case plan = "Plan"
  case planList = "PlanList"
  case status = "Status"
  case statusList = "StatusList"
  case deviceList = "DeviceList"
  case diagnosis = "Diagnosis"
  case explanation = "Explanation"
  case history = "History"
  case run = "Run"
  case validation = "Validation"
  case failure = "Failure"
  case identities = "Identities"
  case assignments = "Assignments"
  case drift = "Drift"
  case boot = "Boot"
  case bootResult = "BootResult"

  /// Returns nil unless the two values are those of such a document.
  init?(apiVersion: String?, kind: String?) {
    guard apiVersion == manifestVersion, let kind else { return nil }
    self.init(rawValue: kind)
  }

  /// The kind of a document; nil where it is none of them.
  init?(of document: Node) { self.init(apiVersion: document.text("apiVersion"), kind: document.text("kind")) }
}

extension Node {
  /// The text of a key that has a scalar; nil where it has none.
  func text(_ key: String) -> String? {
    guard case .scalar(let scalar)? = self[key]?.content else { return nil }
    return scalar.text
  }
}

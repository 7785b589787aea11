import Documents
import Manifests

/// Checks the YAML reader, and the decoder of manifests.
func checkYAML(_ bytes: [UInt8]) throws(Broken) {
  let source = Source(name: "input", text: bytes)
  let places = Places(source)
  var diagnostics: [Diagnostic] = []
  for document in YAMLReader.documents(of: source, diagnostics: &diagnostics) { try places.check(document) }
  try check(diagnostics)

  var loader = Loader()
  loader.read(source)
  try expect(loader.diagnostics.allSatisfy { $0.location != nil }, "an error has no place")
  try check(loader.diagnostics + FleetCheck.diagnostics(of: loader.fleet))
  for host in loader.fleet.hosts { try checkRoundTrip(host, HostManifest.form) }
  for guest in loader.fleet.guests { try checkRoundTrip(guest, GuestManifest.form) }
}

/// Checks that the value is unchanged when it is encoded and read again, as JSON and as YAML.
func checkRoundTrip<Value: Equatable>(_ value: Value, _ form: Form<Value>) throws(Broken) {
  let encoded = form.encode(value)
  for text in [encoded.text, encoded.line] {
    let source = Source(name: "encoded", text: text)
    var diagnostics: [Diagnostic] = []
    var nodes = YAMLReader.documents(of: source, diagnostics: &diagnostics)
    do throws(Diagnostics) { nodes.append(try JSONReader.document(of: source)) } catch {
      diagnostics += error.all
    }
    try expect(nodes.count == 2, "not read again: \(diagnostics.map(\.message)) \(text)")
    for node in nodes {
      var decoding = Decoding(source: source)
      try expect(
        form.decode(node, &decoding) == value && decoding.diagnostics.isEmpty,
        "another value: \(decoding.diagnostics.map(\.message)) \(text)")
    }
  }
}

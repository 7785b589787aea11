import Documents
import HostModel
import Manifests
import Planning

/// Checks the JSON reader, and the decoders of manifests, snapshots and plans.
func checkJSON(_ bytes: [UInt8]) throws(Broken) {
  let source = Source(name: "input", text: bytes)
  var loader = Loader()
  loader.read(source, as: .json)
  try expect(loader.diagnostics.allSatisfy { $0.location != nil }, "an error has no place")
  try check(loader.diagnostics)
  let node: Node
  do throws(Diagnostics) {
    node = try JSONReader.document(of: source)
  } catch {
    return try check(error.all)
  }
  try Places(source).check(node)
  try checkWritten(node)
  try checkDecoding(node, source, HostState.form)
  try checkDecoding(node, source, Plan.form)
  try checkPlanDocument(source)
}

/// Checks the reader of plan documents. Nearly no input has a valid digest, so this tests how the
/// reader finds and refuses it.
private func checkPlanDocument(_ source: Source) throws(Broken) {
  do throws(Diagnostics) {
    guard let node = try? PlanDocument.node(of: source) else { return }
    _ = try PlanDocument.plan(node, from: source)
  } catch {
    try check(error.all)
  }
}

/// Checks that the document is unchanged when it is written and read again.
private func checkWritten(_ node: Node) throws(Broken) {
  let text = written(node)
  let again: Node
  do throws(Diagnostics) {
    again = try JSONReader.document(of: Source(name: "written", text: text))
  } catch {
    throw Broken("not read again: \(error.message) \(text)")
  }
  try expect(written(again) == text, "another document: \(text)")
}

func written(_ node: Node) -> String {
  func quoted(_ text: String) -> String { JSON.string(text).line }
  return switch node.content {
  case .scalar(let scalar): scalar.isPlain ? scalar.text : quoted(scalar.text)
  case .sequence(let nodes): "[" + nodes.map(written).joined(separator: ",") + "]"
  case .mapping(let members):
    "{" + members.map { quoted($0.key) + ":" + written($0.value) }.joined(separator: ",") + "}"
  }
}

private func checkDecoding<Value: Equatable>(
  _ node: Node, _ source: Source, _ form: Form<Value>
) throws(Broken) {
  let value: Value
  do throws(Diagnostics) {
    value = try form.value(of: node, from: source)
  } catch {
    return try check(error.all)
  }
  try checkRoundTrip(value, form)
}

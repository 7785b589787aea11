import Documents
import Manifests
import Planning

/// A plan file. What it says is trusted no more than a manifest would be: it is planned anew from the
/// manifests inside, and must come out the same.
enum SavedPlan {
  /// The plan, where the one path given is a plan and not manifests.
  static func read(_ paths: [String]) throws -> Plan? {
    guard paths.count == 1, let path = paths.first, path != "-" else { return nil }
    do throws(Diagnostic) {
      guard let source = try? Source.file(path), source.text.first == UInt8(ascii: "{") else { return nil }
      let node = try JSONReader.document(of: source)
      guard case .scalar(let kind)? = node["kind"]?.content, kind.text == "Plan" else { return nil }
      return try decode(node, source)
    } catch {
      throw fail([error])
    }
  }

  /// The same, where nothing but a plan will do.
  static func required(_ path: String) throws -> Plan {
    do throws(Diagnostic) {
      let source = try Source.file(path)
      return try decode(try JSONReader.document(of: source), source)
    } catch {
      throw fail([error])
    }
  }

  private static func decode(_ node: Node, _ source: Source) throws(Diagnostic) -> Plan {
    do throws(Diagnostics) {
      let plan = try Plan.form.value(of: node, from: source)
      let problems = FleetCheck.diagnostics(
        of: Fleet(hosts: [plan.request.host], guests: plan.request.guests))
      if let first = problems.first { throw Diagnostics([first]) }
      return plan
    } catch {
      throw error.all.first ?? Diagnostic(code: "bad-plan", "\(source.name) is no plan")
    }
  }
}

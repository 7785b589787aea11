import Documents
import Foundation
import TestSupport
import Testing

@testable import Reporting

@Suite("Metrics in the Prometheus format")
struct MetricTests {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: Int
  }

  struct Malformed: Error {}

  /// Parses a line by the rules of the format: NAME{LABEL="VALUE",…} NUMBER, with the escapes \\,
  /// \" and \n.
  static func sample(_ line: String) throws -> Sample {
    var rest = Array(line.unicodeScalars)[...]
    func take(_ isMeant: (Unicode.Scalar) -> Bool) -> String {
      let part = rest.prefix(while: isMeant)
      rest = rest.dropFirst(part.count)
      return String(String.UnicodeScalarView(part))
    }
    func skip(_ scalar: Unicode.Scalar) throws {
      guard rest.popFirst() == scalar else { throw Malformed() }
    }
    func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
      "abcdefghijklmnopqrstuvwxyz_".unicodeScalars.contains(scalar)
    }
    let name = take(isNameCharacter)
    var labels: [String: String] = [:]
    try skip("{")
    while rest.first != "}" {
      if !labels.isEmpty { try skip(",") }
      let label = take(isNameCharacter)
      try skip("=")
      try skip("\"")
      var value = String.UnicodeScalarView()
      while let scalar = rest.popFirst(), scalar != "\"" {
        guard scalar == "\\" else {
          value.append(scalar)
          continue
        }
        switch rest.popFirst() {
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        case "n": value.append("\n")
        default: throw Malformed()
        }
      }
      guard labels.updateValue(String(value), forKey: label) == nil, !label.isEmpty else { throw Malformed() }
    }
    try skip("}")
    try skip(" ")
    guard let value = Int(String(String.UnicodeScalarView(rest))), !name.isEmpty else { throw Malformed() }
    return Sample(name: name, labels: labels, value: value)
  }

  @Test(
    "have labels that are read again unchanged, except for invisible characters",
    arguments: HostileNames.all)
  func escaping(name: String) throws {
    var metrics = MetricText()
    metrics.add(.hostState, ["host": "a", "guest": name], 3)
    let lines = metrics.text.split(separator: "\n").map(String.init)
    #expect(lines.count == 3 && HostileNames.invisibleCharacters(in: metrics.text) == [])
    let sample = try Self.sample(lines[2])
    #expect(sample.name == "pcipass_host_state" && sample.value == 3)
    if name.isEmpty {
      #expect(sample.labels == ["host": "a"])
    } else if printable(name.replacing("\n", with: "")) == name.replacing("\n", with: "") {
      #expect(Array((sample.labels["guest"] ?? "").unicodeScalars) == Array(name.unicodeScalars))
    }
  }

  @Test("are described once, before their values, and omitted without a value")
  func form() {
    var metrics = MetricText()
    metrics.add(.nicsFree, ["host": "b"], 1)
    metrics.add(.buildInfo, ["host": "a", "version": "1"], 1)
    metrics.add(.nicsFree, ["host": "a"], 0)
    #expect(
      metrics.text == """
        # HELP pcipass_build_info Always 1, with the version of pcipass that wrote this.
        # TYPE pcipass_build_info gauge
        pcipass_build_info{host="a",version="1"} 1
        # HELP pcipass_nics_free \(Metric.nicsFree.help)
        # TYPE pcipass_nics_free gauge
        pcipass_nics_free{host="b"} 1
        pcipass_nics_free{host="a"} 0

        """)
    #expect(Metric.allCases.allSatisfy { !$0.help.contains("\n") && !$0.help.contains("\\") })
  }
}

import Documents
import Files
import HostModel
import SystemPackage

/// The VF settings that ip(8) printed when a tree was captured: by the interface of the PF, then by the index
/// of the VF.
struct CapturedVFReports: Equatable {
  private(set) var settings: [String: [Int: VFSettings]] = [:]

  private static let limit = 32 << 20
  /// Reads the settings of a captured tree. `ip address show` prints them as `ip link show` does.
  ///
  /// - Throws: `NoAnswer` if the file is missing or cannot be decoded.
  static func read(_ tree: borrowing Tree) throws(CaptureFailure) -> CapturedVFReports {
    let name = tree.name(of: CapturedAddresses.capture)
    let text: [UInt8]
    do throws(Errno) { text = try tree.file(CapturedAddresses.capture).contents(upTo: limit) } catch {
      throw CaptureFailure(reason: "\(name): \(error)")
    }
    return try CapturedVFReports(Source(name: name, text: text))
  }

  /// - Parameter source: the JSON output of ip(8).
  init(_ source: Source) throws(CaptureFailure) {
    let document: Node
    do { document = try JSONReader.document(of: source) } catch {
      throw CaptureFailure(reason: error.message)
    }
    guard case .sequence(let links) = document.content else {
      throw CaptureFailure(reason: "expected a list of interfaces")
    }
    for link in links {
      guard let name = link["ifname"]?.text, case .sequence(let list) = link["vfinfo_list"]?.content
      else {
        continue
      }
      for report in list {
        guard let index = report["vf"]?.number, (0...65535).contains(index) else { continue }
        settings[name, default: [:]][index] = VFSettings(report: report)
      }
    }
  }
}

extension VFSettings {
  fileprivate init(report: Node) {
    self.init()
    for (_, kernel) in KernelSetting.all { kernel.read(report, &self) }
  }
}

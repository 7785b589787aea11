import Documents
import Glibc
import HostModel

/// What PFs' drivers hold of their VFs, as `ip -json link show` prints it: by the PF's interface, then by the VF's
/// number.
struct VFReports: Equatable {
  private(set) var settings: [String: [Int: VFSettings]] = [:]

  private static let limit = 32 << 20
  private static let programs = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]

  /// The system's own ip(8), or why there is none.
  static func program() throws(NoAnswer) -> String {
    guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
      throw NoAnswer(reason: "ip is not installed (Debian: iproute2)")
    }
    return program
  }

  /// Asks the running kernel, of one interface or of all.
  static func read(of interface: String? = nil) throws(NoAnswer) -> VFReports {
    let program = try program()
    let one = interface.map { ["dev", $0] } ?? []
    do throws(NoAnswer) {
      let text = try Command.output(
        program, ["-json", "link", "show"] + one, upTo: limit, within: .seconds(10))
      return try VFReports(Source(name: "ip -json link show", text: text))
    } catch {
      throw NoAnswer(reason: "ip -json link show: \(error.reason)", isLate: error.isLate)
    }
  }

  /// Of the host of which a tree was captured: `address show` tells of VFs as well.
  static func read(captured tree: borrowing Tree, _ scratch: Scratch) throws(NoAnswer) -> VFReports {
    let name = tree.name(of: CapturedAddresses.capture)
    do {
      let text = try tree.file(CapturedAddresses.capture).contents(upTo: limit, scratch)
      return try VFReports(Source(name: name, text: text))
    } catch let error as NoAnswer {
      throw error
    } catch {
      throw NoAnswer(reason: "\(name): \(error)")
    }
  }

  init(_ source: Source) throws(NoAnswer) {
    let document: Node
    do { document = try JSONReader.document(of: source) } catch {
      throw NoAnswer(reason: error.message)
    }
    guard case .sequence(let links) = document.content else {
      throw NoAnswer(reason: "a list of interfaces was expected")
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
    for (_, ip) in IPSetting.all { ip.read(report, &self) }
  }
}

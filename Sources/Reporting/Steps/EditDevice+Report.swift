import HostModel
import Planning

extension EditDevice: StepPresentation {
  func sentence(_ guest: String) -> String {
    "change \(to.address) in the definition of \(guest): \(changes.joined(separator: ", "))"
  }

  var words: StepWords { .more(["change in definition: " + changes.joined(separator: ", ")]) }

  var details: [String] {
    values.filter { $0.from != nil || $0.to != nil }.map { Self.change($0.what, $0.from, $0.to) }
  }

  /// The values that differ, before and after.
  private var changes: [String] {
    values.filter { $0.from != $0.to }.map { "\($0.what) \($0.from ?? "none") → \($0.to ?? "none")" }
  }

  private var values: [(what: String, from: String?, to: String?)] {
    func value(_ what: String, _ value: (Hostdev) -> String?) -> (String, String?, String?) {
      (what, value(from), value(to))
    }
    return [
      value("alias") { $0.alias }, value("managed") { $0.isManaged ? "yes" : "no" },
      value("as") { $0.device.rawValue }, value("guest address") { $0.guestAddress?.description },
      value("MAC") { $0.mac?.description }, value("VLAN") { $0.vlan.map(String.init) },
    ]
  }

  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { timeouts.answer(of: placement.guest) }
  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

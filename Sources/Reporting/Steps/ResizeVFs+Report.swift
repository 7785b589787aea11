import HostModel
import Planning

extension ResizeVFs: StepPresentation {
  var sentence: String {
    switch effect {
    case .adds: "give \(address) \(to.words)"
    case .removes: "take all \(from.words) from \(address)"
    case .replaces, .changes: "replace all VFs of \(address): \(from.count) → \(to.count)"
    }
  }

  var effect: StepEffect { from.count == 0 ? .adds : to.count == 0 ? .removes : .replaces }

  var details: [String] { [Self.change("VFs", "\(from)", "\(to)")] + settings(of: from) + settings(of: to) }

  private func settings(of vfs: VFSet) -> [String] {
    vfs.settings.enumerated().filter { !$0.element.isEmpty }.map { number, settings in
      "VF \(number): \(settings)"
    }
  }

  var hostNetworkLoss: String {
    "the host's link goes down for a moment, and what it has of the VFs is lost"
  }

  func waiting(_ timeouts: Timeouts) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .vfCount("\(from.count) → \(to.words)") }
}

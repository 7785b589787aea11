import HostModel
import Planning

extension ResizeVFs: StepPresentation {
  func sentence(_ guest: String) -> String {
    if from.count == 0 { return "create \(to.words) on \(address)" }
    if to.count == 0 { return "delete \(from.all) of \(address)" }
    if from.count == to.count { return "delete \(from.all) of \(address) and create them again" }
    // The kernel deletes all VFs before it creates others.
    return "replace \(from.all) of \(address) with \(to.count)"
  }

  var words: StepWords {
    if from.count == 0 { return .function("create \(to.words)") }
    if to.count == 0 { return .function("delete \(from.all)") }
    if from.count == to.count { return .function("delete \(from.all) and create them again") }
    return .function("replace \(from.all) with \(to.count)")
  }

  var details: [String] { [Self.change("VFs", "\(from)", "\(to)")] + settings(of: from) + settings(of: to) }

  private func settings(of vfs: VFSet) -> [String] {
    vfs.settings.enumerated().filter { !$0.element.isEmpty }.map { number, settings in
      "VF \(number): \(settings)"
    }
  }

  var hostNetworkLoss: String {
    "the link of the host goes down briefly, and the host loses the VFs that it uses"
  }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .vfCount("\(from.count) → \(to.words)") }
}

extension VFSet {
  /// All VFs of the PF: `the VF`, `the 4 VFs`.
  fileprivate var all: String { count == 1 ? "the VF" : "the \(words)" }
}

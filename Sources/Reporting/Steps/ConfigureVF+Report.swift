import HostModel
import Planning

extension ConfigureVF: StepPresentation {
  func sentence(_ guest: String) -> String {
    "set VF \(place.index) of \(place.physicalFunction): \(from) → \(to)"
  }

  var words: StepWords { .more(["\(to)"]) }
  var details: [String] { [Self.change("settings", "\(from)", "\(to)")] }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .more("\(to)") }
}

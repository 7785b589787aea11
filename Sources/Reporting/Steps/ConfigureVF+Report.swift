import HostModel
import Planning

extension ConfigureVF: StepPresentation {
  var sentence: String { "set VF \(place.index) of \(place.physicalFunction): \(from) → \(to)" }
  var effect: StepEffect { .changes }
  var details: [String] { [Self.change("settings", "\(from)", "\(to)")] }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .more("\(to)") }
}

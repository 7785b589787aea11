import HostModel
import Planning

extension DetachDevice: StepReport {
  var sentence: String { "detach \(hostdev.address)\(hostdev.markWords) from \(placement.words)" }
  var effect: StepEffect { .removes }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ patience: Patience) -> String? {
    change.isLive ? patience.unplug(of: placement.guest) : patience.answer(of: placement.guest)
  }

  func graphWords(isNew: Bool) -> GraphPart? { nil }
}

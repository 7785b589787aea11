import HostModel
import Planning

extension DetachDevice: StepReport {
  var sentence: String { "detach \(hostdev.address)\(hostdev.markWords) from \(placement.words)" }
  var effect: StepEffect { .removes }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? {
    change.isLive ? timeouts.unplug(of: placement.guest) : timeouts.answer(of: placement.guest)
  }

  func graphWords(isNew: Bool) -> GraphPart? { nil }
}

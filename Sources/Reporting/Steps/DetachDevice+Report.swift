import HostModel
import Planning

extension DetachDevice: StepPresentation {
  var sentence: String { "detach \(hostdev.address)\(hostdev.markText) from \(placement.words)" }
  var effect: StepEffect { .removes }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? {
    change.isLive ? timeouts.unplug(of: placement.guest) : timeouts.answer(of: placement.guest)
  }

  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

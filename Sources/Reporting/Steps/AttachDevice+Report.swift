import HostModel
import Planning

extension AttachDevice: StepPresentation {
  var sentence: String {
    "attach \(hostdev.address)\(hostdev.markText) to \(placement.words)\(hostdev.words(in: placement))"
  }

  var effect: StepEffect { .adds }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { timeouts.answer(of: placement.guest) }
  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

import HostModel
import Planning

extension AttachDevice: StepReport {
  var sentence: String {
    "attach \(hostdev.address)\(hostdev.markWords) to \(placement.words)\(hostdev.words(in: placement))"
  }

  var effect: StepEffect { .adds }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { timeouts.answer(of: placement.guest) }
  func graphWords(isNew: Bool) -> GraphPart? { nil }
}

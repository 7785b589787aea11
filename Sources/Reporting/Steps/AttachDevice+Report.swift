import HostModel
import Planning

extension AttachDevice: StepPresentation {
  func sentence(_ guest: String) -> String {
    let device = "\(hostdev.address)\(hostdev.markText)"
    return switch placement.part {
    case .persistent: "add \(device) to the definition of \(guest)\(hostdev.sentenceEnd(in: placement))"
    case .live: "hot-plug \(device) into the running guest \(guest)\(hostdev.sentenceEnd(in: placement))"
    }
  }

  var words: StepWords { .more(hostdev.interfaceWords) }

  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { timeouts.answer(of: placement.guest) }
  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

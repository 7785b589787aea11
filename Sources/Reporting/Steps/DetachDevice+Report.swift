import HostModel
import Planning

extension DetachDevice: StepPresentation {
  func sentence(_ guest: String) -> String {
    let device = "\(hostdev.address)\(hostdev.markText)"
    return switch placement.part {
    case .persistent: "remove \(device) from the definition of \(guest)"
    case .live: "hot-unplug \(device) from the running guest \(guest)"
    }
  }

  var words: StepWords { .more([]) }
  var details: [String] { hostdev.details }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? {
    change.isLive ? timeouts.unplug(of: guest) : timeouts.answer(of: placement.guest)
  }

  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

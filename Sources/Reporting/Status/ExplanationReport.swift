import Execution
import HostModel
import Planning

/// Why something is where it is, with what the journals tell.
public struct ExplanationReport: Sendable {
  /// Which manifests it goes by.
  public enum Manifests: Sendable {
    case given
    case ofApply(Journal)
    case none
  }

  public var explanation: Explanation
  public var manifests: Manifests
  public var host: HostIndex
  /// Nil where there are none that belong to the host.
  public var journals: [Journal]?

  public init(_ explanation: Explanation, _ manifests: Manifests, on host: HostIndex, journals: [Journal]?) {
    self.explanation = explanation
    self.manifests = manifests
    self.host = host
    self.journals = journals
  }

  /// What applies and rollbacks did last to a NIC.
  func deeds(to nic: ExplainedNIC) -> [Deed] {
    guard let address = nic.address, let journals else { return [] }
    return Deed.last(
      to: address, partOf: nic.function?.virtualFunction?.physicalFunction, in: journals, on: host)
  }

  /// What they did last to a guest with NICs that it has no more to do with.
  var otherDeeds: [Deed] {
    guard let guest = explanation.guest, let journals else { return [] }
    let told = Set(explanation.nics.compactMap(\.address))
    return Deed.last(in: journals, on: host) { action in
      action.guest == guest.manager && !(action.function.map(told.contains) ?? false)
    }
  }
}

import Execution
import HostModel
import Planning

/// The explanation of a NIC or guest, together with what the journals record about it.
public struct ExplanationReport: Sendable {
  /// The manifests that an explanation uses: those on the command line, those of an earlier apply, or none.
  public enum Manifests: Sendable {
    case given
    case ofApply(Journal)
    case none
  }

  public var explanation: Explanation
  public var manifests: Manifests
  public var host: HostIndex
  /// The journals of the host; nil for a snapshot, which has none.
  public var journals: [Journal]?

  public init(_ explanation: Explanation, _ manifests: Manifests, on host: HostIndex, journals: [Journal]?) {
    self.explanation = explanation
    self.manifests = manifests
    self.host = host
    self.journals = journals
  }

  /// The last changes that applies and rollbacks made to a NIC.
  func lastChanges(to nic: ExplainedNIC) -> [LastChange] {
    guard let address = nic.address, let journals else { return [] }
    return LastChange.last(
      to: address, partOf: nic.function?.virtualFunction?.physicalFunction, in: journals, on: host)
  }

  /// The last changes to the guest for NICs that it no longer has.
  var otherLastChanges: [LastChange] {
    guard let guest = explanation.guest, let journals else { return [] }
    let told = Set(explanation.nics.compactMap(\.address))
    return LastChange.last(in: journals, on: host) { action in
      action.guest == guest.manager && !(action.function.map(told.contains) ?? false)
    }
  }
}

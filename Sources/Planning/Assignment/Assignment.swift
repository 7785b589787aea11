import Documents
import HostModel
import Manifests

/// What a claim gets that may get any member of a pool, or any VF of a NIC, and why.
public struct Assignment: Sendable, Equatable {
  /// The name of the guest in the manifests.
  public var guest: String
  /// The guest's name for the NIC.
  public var nic: String
  /// The claimed pool, as the manifest writes it.
  public var from: String
  /// What is assigned: `fast/0000:03:00.0/3`.
  public var member: String
  public var address: PCIAddress
  public var reason: Reason
  /// The reason as a sentence.
  public var because: String

  /// The reason for the choice, as a stable keyword of the JSON format.
  public enum Reason: String, CaseIterable, Sendable {
    /// The running guest has it, with the mark of the claim.
    case running
    /// The definition of the guest has it, with the mark of the claim.
    case defined
    /// The guest has it with another mark, which the claim replaces.
    case renamed
    /// The guest has it without a mark.
    case adopted
    /// The guest shows no mark, and pcipass assigned it before.
    case remembered
    /// It was free.
    case chosen
    /// The claim names it, a port of a pool by its number.
    case named
  }

  /// Whether the guest had it before.
  public var isNew: Bool { reason == .chosen }
}

extension Request {
  /// Returns the request in which each claim of a pool names what it gets.
  func assigned(_ assignments: [Assignment]) -> Request {
    guard !assignments.isEmpty else { return self }
    let members = Dictionary(
      assignments.map { (Demand.Key(guest: $0.guest, nic: $0.nic), $0.member) },
      uniquingKeysWith: { one, _ in one })
    var result = self
    for index in guests.indices {
      for number in guests[index].spec.nics.indices {
        let key = Demand.Key(guest: guests[index].name, nic: guests[index].spec.nics[number].name.value)
        guard let member = members[key].flatMap({ NICReference($0) }) else { continue }
        result.guests[index].spec.nics[number].from.value = member
      }
    }
    return result
  }
}

extension Fact {
  /// What a claim gets: a saved plan is stale where it gets something else now.
  init(_ assignment: Assignment) {
    self.init("guest \(assignment.guest)", "\(assignment.nic) from \(assignment.from)", assignment.member)
  }
}

extension Assignment {
  static let form = Form<Assignment>.record(
    "Assignment", "What a claim of a pool gets, and why.",
    Field("guest", \.guest, .hostName, "The name of the guest in the manifests."),
    Field("guestNIC", \.nic, .nicName, "The name of the NIC in the guest."),
    Field("from", \.from, .nicReference, "The claimed pool, as the manifest writes it."),
    Field("nic", \.member, .nicReference, "What is assigned."),
    Field("address", \.address, PCIAddress.form, "The function."),
    Field("reason", \.reason, .choice("a reason"), "The reason for the choice, as a stable keyword."),
    Field("because", \.because, .freeText, "The reason, as a sentence."),
    make: Assignment.init)
}

import HostModel
import Manifests

/// A difference between the manifests and the host: what some steps of a plan would change.
public struct Difference: Sendable, Equatable {
  /// The kind of a difference, as a stable keyword of the JSON format.
  public enum Category: String, CaseIterable, Sendable {
    /// A driver that a NIC needs is not loaded.
    case module
    case driver, override
    /// The number of VFs of a PF.
    case vfCount = "vf-count"
    /// The settings of a VF, which its PF holds.
    case vfSettings = "vf-settings"
    /// The definition of a guest, which its next start uses.
    case definition
    /// The running guest.
    case live
    /// The saved image that the next start of a guest restores.
    case savedImage = "saved-image"
  }

  public var category: Category
  /// The name of the guest that differs, if one does.
  public var guest: String?
  /// What the manifests declare, in words.
  public var desired: String
  /// What the host has instead, in words.
  public var observed: String
  /// The reason, as a sentence.
  public var because: String
  /// The ids of the steps that would remove the difference.
  public var steps: [String]

  /// Returns the differences that the steps about one NIC would remove.
  static func all(_ steps: [Step]) -> [Difference] {
    var result: [Difference] = []
    for difference in steps.flatMap({ $0.action.kind.differences(for: $0) }) {
      let known = result.firstIndex {
        $0.isOfDevice && $0.category == difference.category && $0.guest == difference.guest
      }
      if let known { result[known].add(difference) } else { result.append(difference) }
    }
    // Unbinding VFs before their PF gets another number of them is a part of that difference.
    let releases = steps.filter(\.isRelease).map(\.id)
    if let count = result.firstIndex(where: { $0.category == .vfCount }) {
      result[count].steps.insert(contentsOf: releases, at: 0)
    }
    return result
  }

  private var isOfDevice: Bool { category == .definition || category == .live }

  /// Merges two differences: a device that is removed and added again is one device that differs.
  private mutating func add(_ later: Difference) {
    if desired == Self.absent { desired = later.desired }
    if observed == Self.absent { observed = later.observed }
    steps += later.steps
  }

  static let absent = "absent"

  /// A difference that one step would remove.
  init(_ category: Category, desired: String, observed: String, in guest: String? = nil, by step: Step) {
    self.init(
      category: category, guest: guest, desired: desired, observed: observed, because: step.because,
      steps: [step.id])
  }

  /// A difference that no step would remove.
  init(_ image: SavedImageDifference) {
    self.init(
      category: .savedImage, guest: image.guest, desired: image.desired, observed: image.observed,
      because: image.because, steps: [])
  }

  private init(
    category: Category, guest: String?, desired: String, observed: String, because: String, steps: [String]
  ) {
    self.category = category
    self.guest = guest
    self.desired = desired
    self.observed = observed
    self.because = because
    self.steps = steps
  }
}

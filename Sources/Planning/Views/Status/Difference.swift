import HostModel
import Manifests

/// One thing that is not as declared: what some steps of a plan would change, as it is and as it is to be.
public struct Difference: Sendable, Equatable {
  public enum Category: String, CaseIterable, Sendable {
    /// A driver that a NIC needs is not loaded.
    case module
    case driver, override
    /// How many VFs a PF has.
    case vfCount = "vf-count"
    /// What the PF holds of a VF.
    case vfSettings = "vf-settings"
    /// What the next start of a guest will have.
    case definition
    /// What the running guest has.
    case live
    /// What the saved image has that the next start of a guest restores.
    case savedImage = "saved-image"
  }

  public var category: Category
  /// The guest that it is in, where it is in one.
  public var guest: String?
  public var desired: String
  public var observed: String
  public var because: String
  /// Ids of the plan's steps that would make it as declared.
  public var steps: [String]

  /// All that these steps would change of one NIC.
  static func all(_ steps: [Step]) -> [Difference] {
    var result: [Difference] = []
    for difference in steps.flatMap({ $0.action.kind.differences(for: $0) }) {
      let known = result.firstIndex {
        $0.isOfDevice && $0.category == difference.category && $0.guest == difference.guest
      }
      if let known { result[known].add(difference) } else { result.append(difference) }
    }
    // VFs that are about to be replaced are taken from their drivers: that is a part of replacing them.
    let releases = steps.filter(\.isRelease).map(\.id)
    if let count = result.firstIndex(where: { $0.category == .vfCount }) {
      result[count].steps.insert(contentsOf: releases, at: 0)
    }
    return result
  }

  private var isOfDevice: Bool { category == .definition || category == .live }

  /// What is taken out and put back is one device that is not as it should be.
  private mutating func add(_ later: Difference) {
    if desired == Self.absent { desired = later.desired }
    if observed == Self.absent { observed = later.observed }
    steps += later.steps
  }

  static let absent = "not there"

  /// What one step would change.
  init(_ category: Category, desired: String, observed: String, in guest: String? = nil, by step: Step) {
    self.init(
      category: category, guest: guest, desired: desired, observed: observed, because: step.because,
      steps: [step.id])
  }

  /// What no step would change.
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

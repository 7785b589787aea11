/// One thing that a guard asks of a proposed change: a pure function of that and of what the host is and comes to be.
struct GuardQuestion: Sendable {
  enum Kind: Sendable, Hashable {
    /// Whether the change may happen now.
    case transition
    /// Whether the host may stay as the change leaves it.
    case endState
  }

  let stage: GuardStage
  let kind: Kind
  /// Empty where there is nothing to ask, or it cannot be told.
  let results: @Sendable (ProposedChange, GuardContext) -> [GuardResult]

  init(
    _ stage: GuardStage, _ kind: Kind,
    _ results: @escaping @Sendable (ProposedChange, GuardContext) -> [GuardResult]
  ) {
    self.stage = stage
    self.kind = kind
    self.results = results
  }
}

/// The order in which a change is judged. The first stage that a change does not pass says why it is refused; later ones
/// are not asked.
enum GuardStage: Int, CaseIterable, Comparable, Sendable {
  // Whether it can be decided at all.
  case hardware, owner, claim, guest, model, vfCount, vfSettings
  // What guests and VFs would have to give.
  case guestRunning, leavingPort, deviceName, aliasReference, vfDriver, vfUsers, vfHostUse, vfLink
  // The function itself.
  case iommu, holdersBesideGuests, tool, leavingGroup, holders, ownVFs, hostUse, ownVFsAtStart, vfLinkAtStart,
    iommuForVFIO
  // How it ends.
  case group
  case ports

  static func < (one: GuardStage, other: GuardStage) -> Bool { one.rawValue < other.rawValue }

  /// What is refused in one round is left out of what the next one looks at: then the other changes are judged as they
  /// would be without it. Within a round all changes are judged on the same grounds, so no order of them counts.
  static let rounds: [ClosedRange<GuardStage>] = [
    .hardware ... .vfSettings, .guestRunning ... .iommuForVFIO, .group ... .group, .ports ... .ports,
  ]
}

extension GuardStage {
  /// All questions, in the order in which they are asked.
  static let questions: [GuardQuestion] = Guard.allCases.flatMap(\.questions).enumerated()
    .sorted { ($0.element.stage, $0.offset) < ($1.element.stage, $1.offset) }.map(\.element)
}

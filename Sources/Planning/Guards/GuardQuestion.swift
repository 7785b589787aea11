/// A question of a guard: a pure function of a proposed change and its context.
struct GuardQuestion: Sendable {
  enum Kind: Sendable, Hashable {
    /// Whether the change can happen now.
    case transition
    /// Whether the host can stay as the change leaves it.
    case endState
  }

  let stage: GuardStage
  let kind: Kind
  /// Returns no results if the question does not apply to the change or the answer is unknown.
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

/// The order in which the questions about a change are evaluated. The first stage that a change
/// does not pass gives the reason for the refusal; later stages are not evaluated.
enum GuardStage: Int, CaseIterable, Comparable, Sendable {
  // Whether the change can be decided at all.
  case hardware, owner, claim, guest, model, vfCount, vfSettings
  // What guests and VFs must release.
  case guestRunning, leavingPort, deviceName, aliasReference, vfDriver, vfUsers, vfHostUse, vfLink
  // The function itself.
  case iommu, holdersBesideGuests, tool, leavingGroup, holders, ownVFs, hostUse, ownVFsAtStart, vfLinkAtStart,
    iommuForVFIO
  // The end state.
  case group
  case ports

  static func < (one: GuardStage, other: GuardStage) -> Bool { one.rawValue < other.rawValue }

  /// The stages in rounds. Changes that one round refuses are left out of the context of the next one, so
  /// that the other changes are judged as if they were not proposed. Within a round all changes are judged in
  /// the same context, so their order does not matter.
  static let rounds: [ClosedRange<GuardStage>] = [
    .hardware ... .vfSettings, .guestRunning ... .iommuForVFIO, .group ... .group, .ports ... .ports,
  ]
}

extension GuardStage {
  /// Returns the questions of all guards that are evaluated for a part of the host, in their order.
  static func questions(about part: RequestPart) -> [GuardQuestion] {
    switch part {
    case .everything: all
    case .host: aboutHost
    }
  }

  private static let all = ordered(Guard.allCases)
  private static let aboutHost = ordered(Guard.allCases.filter { !$0.isAboutGuests })

  private static func ordered(_ guards: [Guard]) -> [GuardQuestion] {
    guards.flatMap(\.questions).enumerated()
      .sorted { ($0.element.stage, $0.offset) < ($1.element.stage, $1.offset) }.map(\.element)
  }
}

import HostModel
import Manifests

/// One thing that is not as declared: what some steps of a plan would change, as it is and as it is to be.
public struct Difference: Sendable, Equatable {
  public enum What: String, CaseIterable, Sendable {
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
  }

  public var what: What
  /// The guest that it is in, where it is in one.
  public var guest: String?
  public var wanted: String
  public var found: String
  public var because: String
  /// Ids of the plan's steps that would make it as declared.
  public var steps: [String]

  /// All that these steps would change of one NIC.
  static func all(_ steps: [Step]) -> [Difference] {
    var result: [Difference] = []
    for difference in steps.flatMap(\.differences) {
      let known = result.firstIndex {
        $0.isOfDevice && $0.what == difference.what && $0.guest == difference.guest
      }
      if let known { result[known].add(difference) } else { result.append(difference) }
    }
    // VFs that are about to be replaced are taken from their drivers: that is a part of replacing them.
    let releases = steps.filter(\.isRelease).map(\.id)
    if let count = result.firstIndex(where: { $0.what == .vfCount }) {
      result[count].steps.insert(contentsOf: releases, at: 0)
    }
    return result
  }

  private var isOfDevice: Bool { what == .definition || what == .live }

  /// What is taken out and put back is one device that is not as it should be.
  private mutating func add(_ later: Difference) {
    if wanted == Self.absent { wanted = later.wanted }
    if found == Self.absent { found = later.found }
    steps += later.steps
  }

  fileprivate static let absent = "not there"
}

extension Step {
  fileprivate var isRelease: Bool { if case .bind = action { reason == .replaced } else { false } }

  fileprivate var differences: [Difference] {
    switch action {
    case .load: [difference(.module, wanted: "loaded", found: "not loaded")]
    case .bind where isRelease: []
    case .bind(_, let from, let to): differences(from, to)
    case .resize(_, let from, let to): [difference(.vfCount, wanted: "\(to.count)", found: "\(from.count)")]
    case .configure(_, let from, let to):
      [difference(.vfSettings, wanted: "\(to)", found: "\(from)", in: guest)]
    case .attach(let hostdev, let placement):
      [
        difference(
          .init(placement.part), wanted: hostdev.words(in: placement), found: Difference.absent, in: guest)
      ]
    case .detach(let hostdev, let placement):
      [
        difference(
          .init(placement.part), wanted: Difference.absent, found: hostdev.words(in: placement), in: guest)
      ]
    }
  }

  /// The override comes with the driver; by itself it differs where the driver is right, or where it keeps another one.
  private func differences(_ from: Binding, _ to: Binding) -> [Difference] {
    let (isOtherDriver, isOtherOverride) = (from.driver != to.driver, from.override != to.override)
    var result: [Difference] = []
    if isOtherDriver || !isOtherOverride {
      let wanted = to.isKernelsChoice ? "the kernel's choice" : to.driver ?? "none"
      let found = (from.driver ?? "none") + (isOtherDriver ? "" : ", which libvirt may change")
      result.append(difference(.driver, wanted: wanted, found: found))
    }
    if isOtherOverride, !isOtherDriver || from.override != nil {
      result.append(difference(.override, wanted: to.override ?? "none", found: from.override ?? "none"))
    }
    return result
  }

  private func difference(
    _ what: Difference.What, wanted: String, found: String, in guest: String? = nil
  ) -> Difference {
    Difference(what: what, guest: guest, wanted: wanted, found: found, because: because, steps: [id])
  }
}

extension Difference.What {
  fileprivate init(_ part: Placement.Part) { self = part == .live ? .live : .definition }
}

extension Hostdev {
  /// By what pcipass tells whether it is as declared.
  fileprivate func words(in placement: Placement) -> String {
    var words = ["there " + (Ownership.nic(ofAlias: alias).map { "as \($0)" } ?? "without pcipass's mark")]
    if case .libvirt = placement.guest, !isManaged { words.append("not managed") }
    if device == .interface {
      words.append("an interface")
      words += [mac.map { "MAC \($0)" }, vlan.map { "VLAN \($0)" }].compactMap { $0 }
    }
    return words.joined(separator: ", ")
  }
}

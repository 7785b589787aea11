import Documents
import Execution
import HostModel
import Manifests
import Planning

/// The explanation of a NIC or guest as text for a terminal.
public struct ExplanationText {
  private let style: Style

  public init(style: Style) { self.style = style }

  /// The guest if the explanation is about one, each NIC with its labelled facts, and the origin of
  /// the manifests.
  public func text(_ report: ExplanationReport) -> String {
    let explanation = report.explanation
    var result = ""
    if let guest = explanation.guest { result += text(guest, explanation.nics.count) }
    if let pool = explanation.pool { result += text(pool) }
    for nic in explanation.nics { result += (result.isEmpty ? "" : "\n") + text(nic, report) }
    let others = report.otherLastChanges
    if !others.isEmpty {
      var lines = LabelledLines(style)
      lines.add("earlier", others.map(words))
      result += "\n" + lines.text
    }
    let source = source(report)
    return source.isEmpty ? result : result + "\n" + source
  }

  private func text(_ guest: ExplainedGuest, _ count: Int) -> String {
    var lines = LabelledLines(style)
    lines.add("manager", ["\(guest.manager)"])
    lines.add(
      "declared", [guest.origin ?? (guest.name == nil ? "no manifest describes it" : nil)].compactMap { $0 })
    switch guest.found {
    case .unavailable(let reason): lines.add("now", ["unknown: \(reason)"])
    case .known(nil): lines.add("now", ["missing: the host has no such guest"])
    case .known(let found?):
      lines.add(
        "now",
        [
          found.run.words + (found.persistent == nil ? ", not defined" : "")
            + (found.image == nil ? "" : ", with a saved image")
            + (found.freePorts.map { ", \(pluralised($0, "free port"))" } ?? "")
        ])
    }
    lines.add("NICs", ["\(count)"])
    return style.bold("guest/" + printable(guest.name ?? guest.manager.name)) + "\n" + lines.text
  }

  private func text(_ pool: PoolStatus) -> String {
    var lines = LabelledLines(style)
    lines.add("pool", [pool.counts.map { pluralised($0.members, "member") } ?? "unknown members"])
    lines.add("capacity", pool.counts == nil ? [] : PoolText.lines(pool))
    lines.add("in use", pool.others.map { "\($0.reference) (\($0.address)): \($0.because)" })
    lines.add("unknown", [pool.unavailable].compactMap { $0 })
    return style.bold("nic/" + printable(pool.name)) + "\n" + lines.text
  }

  private func text(_ nic: ExplainedNIC, _ report: ExplanationReport) -> String {
    var lines = LabelledLines(style)
    // A claim without a member is shown under the name of its pool.
    let isPool = nic.status?.name != nil && nic.declared == nil && nic.function == nil
    lines.add(
      "hardware",
      [
        nic.function.map(\.summary)
          ?? (isPool ? "none: a claim has no member of this pool" : "missing: the host has no such function")
      ])
    if case .none = report.manifests {} else { lines.add("declared", declared(nic)) }
    lines.add("now", now(nic))
    lines.add("guests", nic.holdings.map(words))
    let lastChanges = report.lastChanges(to: nic)
    if report.journals != nil {
      lines.add(
        "changed by",
        lastChanges.isEmpty
          ? ["no recorded apply or rollback changed it"] : lastChanges.map(words))
    }
    lines.add("state", state(nic))
    lines.add("blocked by", refusals(nic))
    lines.add("guards", guards(nic.guards))
    lines.add("notes", nic.status?.findings.notices.map { "\($0.message) [\($0.code.rawValue)]" } ?? [])
    lines.add("next", next(nic, isRefused: report.explanation.isRefused))
    let names = [nic.address.map { "\($0)" }, nic.status?.name.map { "nic/" + $0 }].compactMap { $0 }
    return style.bold(printable(names.joined(separator: " "))) + "\n" + lines.text
  }

  private func declared(_ nic: ExplainedNIC) -> [String] {
    guard let status = nic.status, let name = status.name else {
      return ["no Host manifest names it"]
    }
    func at(_ place: String?) -> String { place.map { "  " + $0 } ?? "" }
    let claim =
      status.guest.map { "\($0) claims it" + (status.guestNIC.map { " as \($0)" } ?? "") + at(status.origin) }
      ?? "no guest claims it"
    return ["\(name)" + at(nic.declared), claim] + [status.assignment?.words].compactMap { $0 }
  }

  private func now(_ nic: ExplainedNIC) -> [String] {
    guard let function = nic.function else { return [] }
    var lines = ["on \(Binding(of: function))"]
    if let group = function.iommuGroup {
      let others = nic.siblings.map { "\($0)" }
      lines.append(
        "IOMMU group \(group)" + (others.isEmpty ? "" : ", with " + others.joined(separator: ", ")))
    } else {
      lines.append("in no IOMMU group")
    }
    if let sriov = function.sriov { lines.append("\(sriov.count) of \(pluralised(sriov.total, "VF"))") }
    if let place = function.virtualFunction {
      let settings = place.settings.value.map { "\($0)" } ?? "unknown: \(place.settings.reason ?? "")"
      lines.append("VF \(place.index) of \(place.physicalFunction): \(settings)")
    }
    lines += nic.uses
    switch function.holders {
    case .known(let holders):
      lines += holders.map { "process \($0.process) (\($0.command)) has its VFIO group open" }
    case .unavailable(let reason): lines.append("whether a process uses it is unknown: \(reason)")
    }
    return lines
  }

  private func words(_ holding: Holding) -> String {
    let mark = Ownership.nic(ofAlias: holding.hostdev.alias).map { "assigned by pcipass as \($0)" }
    let alias = holding.hostdev.alias.map { " (\($0))" } ?? ""
    return
      "\(holding.guest.name) \(holding.part == .live ? "has it while it runs" : "has it in its definition"), "
      + (mark ?? holding.network.map { "assigned by the libvirt network \($0)" } ?? "not assigned by pcipass")
      + alias
  }

  private func words(_ lastChange: LastChange) -> String {
    let journal = lastChange.journal
    let of =
      if case .rollback(let id?, _) = journal.header.task { " (of apply \(id))" } else { "" }
    let end: String =
      if !lastChange.effect.isDone {
        "whether it took effect is unknown"
      } else {
        switch lastChange.state {
        case .done: "still in effect"
        case .notDone: "no longer in effect"
        case .other(let found): "changed since: \(found)"
        }
      }
    let back = lastChange.rolledBackBy.map { "; undone by rollback \($0)" } ?? ""
    let origin = lastChange.effect.step.origin.map { "  " + $0 } ?? ""
    let revision = journal.header.plan.revision.map { " (revision \($0))" } ?? ""
    return "\(journal.name)\(of) of \(journal.began), by \(journal.header.by)\(revision): "
      + "\(StepText.sentence(lastChange.effect.action, of: lastChange.effect.step)); \(end)\(back)\(origin)"
  }

  private func state(_ nic: ExplainedNIC) -> [String] {
    if let status = nic.status {
      let words = StatusText(style: .plain)
      return [status.state.words] + status.findings.differences.map { words.text($0) }
    }
    return nic.availability.map { [$0.words] } ?? []
  }

  private func refusals(_ nic: ExplainedNIC) -> [String] {
    let refusals = nic.status?.findings.refusals ?? nic.availability?.refusals ?? []
    return refusals.flatMap { refusal in
      ["\(refusal.message) [\(refusal.code.rawValue)]"] + refusal.details.map { "  " + $0 }
        + (refusal.help.map { ["  help: " + $0] } ?? [])
    }
  }

  private func guards(_ reports: [GuardReport]) -> [String] {
    reports.map { report in
      "\(report.which.rawValue) \(report.verdict.rawValue): \(report.found.joined(separator: "; "))"
        + (report.because.map { "; because: \($0)" } ?? "")
    }
  }

  private func next(_ nic: ExplainedNIC, isRefused: Bool) -> [String] {
    guard let status = nic.status else { return [] }
    guard status.findings.refusals.isEmpty else { return ["nothing: a plan is refused"] }
    guard !nic.steps.isEmpty else {
      return [status.state == .inSync ? "no change planned" : "no step of a plan changes it"]
    }
    let refused = isRefused ? ["nothing: a plan is refused because of other NICs; otherwise:"] : []
    return refused + nic.steps.map { "\(StepText.sentence($0))  (\($0.because))" }
  }

  private func source(_ report: ExplanationReport) -> String {
    let manifests =
      switch report.manifests {
      case .given: ""
      case .ofApply(let journal):
        "With the manifests of \(journal.name) of \(journal.began)"
          + (report.journals?.rolledBack[journal.id].map { ", which rollback \($0) undid" } ?? "")
          + ". To use other manifests, add their paths.\n"
      case .none:
        "Without manifests: no paths were given"
          + (report.journals == nil ? ".\n" : ", and no apply is recorded.\n")
      }
    return manifests
      + (report.journals == nil ? "No journals were read: earlier changes are unknown.\n" : "")
  }
}

/// Lines with a label before the first line of each group.
private struct LabelledLines {
  private(set) var text = ""
  private let style: Style

  init(_ style: Style) { self.style = style }

  /// - Parameter lines: texts from outside, which become printable here.
  mutating func add(_ label: String, _ lines: [String]) {
    for (index, line) in lines.enumerated() {
      let shown = index == 0 ? label : ""
      text +=
        "  " + style.dim(shown) + String(repeating: " ", count: 12 - shown.count) + printable(line) + "\n"
    }
  }
}

import HostModel
import Manifests

/// What a guard finds of a NIC.
enum Finding {
  /// Nothing against it, in words.
  case clear(String)
  case against(Objection)
}

/// What a guard has against a NIC.
struct Objection {
  let code: Refusal.Code
  let message: String
  let details: [String]
  let help: String?
  /// The manifest's line, where it is not the NIC's.
  let origin: String?
  /// All of it in words, for where the manifest lets it pass.
  let found: String

  init(
    _ code: Refusal.Code, _ message: String, details: [String] = [], help: String? = nil,
    origin: String? = nil, found: String? = nil
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.help = help
    self.origin = origin
    self.found = found ?? (details.isEmpty ? message : details.joined(separator: "; "))
  }
}

/// The NIC that a guard is asked about.
struct Candidate {
  let function: PCIAddress
  let name: String?
  /// What the manifest says of it, and may let it pass.
  let nic: HostNIC?
  /// The guest that claims it.
  let guest: String?
  /// The manifest's line.
  let origin: String?
}

/// What guards have found, and what cannot be, in the order in which it was asked.
struct Findings {
  private(set) var reports: [GuardReport] = []
  private(set) var refusals: [Refusal] = []
  private var places: [Key: Int] = [:]

  private struct Key: Hashable {
    let which: Guard
    let nic: NIC
    let guest: String?
  }

  /// A VF that goes with its PF is named by that.
  private struct NIC: Hashable {
    let name: String?
    let function: PCIAddress
  }

  /// Whether the guard lets the NIC pass. Nil is found where there is nothing to ask, or it cannot be told; that passes,
  /// and is not listed.
  ///
  /// - Parameter guest: the one that the question is about.
  mutating func passes(
    _ which: Guard, _ candidate: Candidate, guest: String? = nil, _ finding: Finding?
  ) -> Bool {
    func report(_ verdict: GuardReport.Verdict, _ found: String, because: String? = nil) -> GuardReport {
      GuardReport(
        which, nic: candidate.name, function: candidate.function, guest: guest, verdict, found: [found],
        because: because)
    }
    switch finding {
    case nil: return true
    case .clear(let found):
      add(report(.passed, found))
      return true
    case .against(let objection):
      if let nic = candidate.nic, nic.allow.contains(where: { $0.rawValue == which.rawValue }) {
        add(report(.allowed, objection.found, because: nic.because))
        return true
      }
      add(report(.refused, objection.message))
      refuse(
        Refusal(
          objection.code, nic: candidate.name, guest: candidate.guest, objection.message,
          details: objection.details, help: objection.help, origin: objection.origin ?? candidate.origin))
      return false
    }
  }

  /// What cannot be, though no guard stands against it.
  mutating func refuse(_ refusal: Refusal) { refusals.append(refusal) }

  /// A guard that is asked again about the same has one verdict, the worst, with all that led to it.
  private mutating func add(_ report: GuardReport) {
    let nic = NIC(name: report.nic, function: report.function)
    let key = Key(which: report.which, nic: nic, guest: report.guest)
    guard let index = places[key] else {
      places[key] = reports.count
      reports.append(report)
      return
    }
    if report.verdict == reports[index].verdict {
      reports[index].found += report.found.filter { !reports[index].found.contains($0) }
    } else if report.verdict.isWorse(than: reports[index].verdict) {
      reports[index] = report
    }
  }

  /// Those about some NICs, and those about none.
  func about(_ isIncluded: (String) -> Bool) -> Findings {
    var result = Findings()
    for report in reports where report.nic.map(isIncluded) ?? true { result.add(report) }
    result.refusals = refusals.filter { $0.nic.map(isIncluded) ?? true }
    return result
  }

  /// What is said of the NICs that steps change, in their order, then of those that are refused.
  func reports(on steps: [Step]) -> [GuardReport] {
    let refused = Set(refusals.compactMap(\.nic))
    var order: [NIC] = steps.compactMap { step in
      step.action.function.map { NIC(name: step.nic, function: $0) }
    }
    var grouped: [NIC: [GuardReport]] = [:]
    for report in reports {
      let nic = NIC(name: report.nic, function: report.function)
      grouped[nic, default: []].append(report)
      if report.verdict == .refused || report.nic.map(refused.contains) ?? false { order.append(nic) }
    }
    return order.flatMap { grouped.removeValue(forKey: $0) ?? [] }
  }
}

extension GuardReport.Verdict {
  fileprivate func isWorse(than other: Self) -> Bool {
    switch (self, other) {
    case (.refused, .passed), (.refused, .allowed), (.allowed, .passed): true
    default: false
    }
  }
}

import Documents
import HostModel
import Manifests
import Planning

/// The steps of a plan for one guest, or those for no guest, as one line for each NIC.
struct PlanGroup {
  /// The name of the guest; nil for the group of the host.
  let guest: String?
  private(set) var manager: GuestManager?
  /// How the guest runs, as far as the plan records it.
  let run: GuestState.RunState?
  private(set) var lines: [PlanLine] = []
  private(set) var notices: [Notice] = []
  /// What the claims of the guest get from pools, by member.
  private let assignments: [String: Assignment]

  /// The groups of a plan: the host first, then the guests in the order of their steps. A NIC that moves
  /// between guests has a line in both groups.
  static func all(_ plan: Plan) -> (groups: [PlanGroup], otherNotices: [Notice]) {
    let assignments = Dictionary(grouping: plan.assignments, by: \.guest)
    var groups: [PlanGroup] = []
    var places: [String?: Int] = [:]
    for step in plan.steps {
      let index = places[step.guest] ?? groups.count
      if index == groups.count {
        places[step.guest] = index
        groups.append(
          PlanGroup(of: step.guest, in: plan, step.guest.flatMap { assignments[$0] } ?? []))
      }
      groups[index].add(step, in: plan)
    }
    var others: [Notice] = []
    for notice in plan.notices {
      let index =
        notice.guest.flatMap { places[$0] }
        ?? groups.firstIndex { group in
          notice.guest == nil && notice.nic != nil && group.lines.contains { $0.nic == notice.nic }
        }
      if let index { groups[index].notices.append(notice) } else { others.append(notice) }
    }
    return (groups.filter { $0.guest == nil } + groups.filter { $0.guest != nil }, others)
  }

  private init(of guest: String?, in plan: Plan, _ assignments: [Assignment]) {
    self.guest = guest
    manager = plan.request.guests.first { $0.name == guest }?.manager
    self.assignments = Dictionary(assignments.map { ($0.member, $0) }, uniquingKeysWith: { one, _ in one })
    let fact = plan.facts.first { $0.attribute == "state" && $0.subject == "guest \(guest ?? "")" }?.value
    let isRunning = plan.steps.contains { $0.guest == guest && $0.disturbs == .runningGuest }
    run =
      fact.flatMap { GuestState.RunState(rawValue: String($0.prefix { $0 != "," })) }
      ?? (isRunning ? .running : nil)
  }

  private mutating func add(_ step: Step, in plan: Plan) {
    manager = step.action.guest ?? manager
    let key = PlanLine.Key(step)
    if let index = lines.firstIndex(where: { $0.key == key }) {
      lines[index].add(step)
    } else {
      lines.append(PlanLine(step, named: step.nic.flatMap { name(of: $0, in: plan) }))
    }
  }

  /// Returns the guest's name for a NIC of the host.
  private func name(of nic: String, in plan: Plan) -> String? {
    if let assignment = assignments[nic] { return assignment.nic }
    let manifest = guest.flatMap { name in plan.request.guests.first { $0.name == name } }
    return manifest?.spec.nics.first { $0.from.value.description == nic }?.name.value
  }

  /// What the claims of its lines get from pools.
  var choices: [Assignment] {
    lines.compactMap { line in
      guard line.sign != .removes, let assignment = line.nic.flatMap({ assignments[$0] }),
        assignment.reason != .named
      else { return nil }
      return assignment
    }
  }

  /// The distinct reasons of the steps, each with its first line in the manifests. The reason for a kernel
  /// module is left out, because it is always the same.
  var reasons: [(because: String, origin: String?)] {
    var result: [(because: String, origin: String?)] = []
    for step in lines.flatMap(\.steps) where step.reason != .needed {
      if !result.contains(where: { $0.because == step.because }) {
        result.append((step.because, step.origin))
      }
    }
    return result
  }
}

/// The steps for one NIC of a guest, or of the host.
struct PlanLine {
  /// What the steps of one line have in common.
  struct Key: Equatable {
    private let subject: String

    /// VFs that are unbound before their PF deletes them belong to the line of the PF.
    init(_ step: Step) {
      if case .resize = step.action {
        subject = "VFs of \(step.nic ?? "")"
      } else {
        subject =
          PlanLine.isRelease(step)
          ? "VFs of \(step.nic ?? "")" : step.action.function.map { "\($0)" } ?? step.id
      }
    }
  }

  let key: Key
  /// The NIC of the host, or one of its VFs.
  let nic: String?
  /// The NIC of the guest, or of the host. Empty for a kernel module.
  private(set) var name: String
  private(set) var address: PCIAddress?
  private(set) var steps: [Step] = []

  /// - Parameter name: the guest's name for the NIC.
  init(_ step: Step, named name: String?) {
    key = Key(step)
    nic = step.nic
    self.name = name ?? step.nic ?? ""
    add(step)
  }

  fileprivate mutating func add(_ step: Step) {
    steps.append(step)
    if !Self.isRelease(step) { address = step.action.function }
    let device = step.action.changedDevice
    if let mark = Ownership.nic(ofAlias: device?.hostdev.alias) { name = mark }
  }

  fileprivate static func isRelease(_ step: Step) -> Bool {
    if case .bind = step.action { step.reason == .replaced } else { false }
  }

  /// The sign of all steps together. Where steps have different signs, changes of the driver or the
  /// settings do not count.
  var sign: StepSign {
    var signs = Set(steps.filter { !Self.isRelease($0) }.map(\.sign))
    if signs.count > 1 { signs.remove(.changes) }
    guard signs.count == 1, let sign = signs.first else { return signs.isEmpty ? .changes : .replaces }
    return sign
  }

  /// The change of the function itself: its driver and its VFs. Empty where neither changes.
  var function: String {
    steps.compactMap { step in
      guard !Self.isRelease(step), case .function(let words) = step.action.report.words else { return nil }
      return printable(words)
    }.joined(separator: ", ")
  }

  /// The other changes, each with what it disturbs.
  var changes: [(words: String, disturbs: Step.Disturbance)] {
    var result: [(words: String, disturbs: Step.Disturbance)] = []
    for step in steps {
      guard case .more(var words) = step.action.report.words else { continue }
      if case .configure = step.action, step.disturbs == .runningGuest {
        words = words.map { $0 + " while the guest runs" }
      }
      for words in words.map({ printable($0) }) where !result.contains(where: { $0.words == words }) {
        result.append((words, step.disturbs))
      }
    }
    return result + [false, true].compactMap { device(isAdded: $0) }
  }

  /// The words for adding the device to the guest or removing it; nil where no step does that.
  private func device(isAdded: Bool) -> (words: String, disturbs: Step.Disturbance)? {
    let changes = steps.compactMap(\.action.device).filter { $0.isAdded == isAdded }
    let (isDefined, isLive) = (changes.contains { !$0.isLive }, changes.contains(where: \.isLive))
    switch (isDefined, isLive) {
    case (false, false): return nil
    case (true, false): return (isAdded ? "add to definition" : "remove from definition", .nothing)
    case (false, true): return (isAdded ? "hot-plug" : "hot-unplug", .runningGuest)
    case (true, true): return (isAdded ? "add and hot-plug" : "remove and hot-unplug", .runningGuest)
    }
  }

  var disruptsHostNetwork: Bool { steps.contains { $0.disturbs == .hostNetwork } }
}

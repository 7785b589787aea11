import Documents
import Foundation
import HostModel
import Hosts
import Oracle
import Planning
import TestSupport

@testable import Execution

/// An invariant that does not hold.
struct BrokenInvariant: Error {
  let invariant: String
  let words: String

  init(_ invariant: String, _ words: String = "") {
    self.invariant = invariant
    self.words = words
  }
}

/// A host, its manifests and its state folder, changed by commands of pcipass and by events. The
/// oracle, which does no planning, judges the results.
struct World {
  var state: HostState
  var documents: WorldDocuments
  let folder: String
  /// The commands and events so far, as an operator would type them.
  private(set) var transcript: [String] = []
  private(set) var figures: [String: Int] = [:]
  /// What was observed when each apply or rollback started, by journal id.
  var records: [Int: Record] = [:]
  /// The number of changes by commands and events.
  var changes = 0
  /// The number of journals.
  private(set) var made = 0
  /// The journal that blocks the next command; nil if none does.
  private var obstacle: JournalStore.Obstacle?
  /// Whether journals may have changed since they were last read.
  var hasWritten = false
  /// Whether the invariants have not been checked yet.
  private var isNew = true
  /// The records at the time of the backup of the state folder.
  private var backup: (records: [Int: Record], made: Int)?
  /// The plan that `plan --out` saved, and its manifests.
  private var saved: (plan: Plan, documents: WorldDocuments)?
  /// Functions that pcipass assigned with `managed='yes'`, so that libvirt binds them.
  var byLibvirt: Set<PCIAddress> = []

  struct Record {
    let before: HostState
    /// The cards at the start, and at each recovery that planned the run again.
    var cards: [[PCIAddress: String]]
    /// The id of the run that it rolled back.
    let subject: Int?
    let declared: Declared
    var changesAfter: Int
    /// Whether something failed or happened during the run.
    var isTroubled: Bool
    var added: Set<String> = []
  }

  init(seed: Int, folder: String) {
    var dice = Dice(seed: seed)
    self.folder = folder
    state = RandomCase(seed: seed).start
    documents = WorldDocuments(&dice)
    state.kernel.bootID = "00000000-0000-4000-8000-000000000001"
    for index in state.functions.indices where state.functions[index].deviceClass.isNetwork {
      let function = state.functions[index]
      if function.virtualFunction == nil { state.functions[index].serial = Self.serial(function.address) }
      if !function.interfaces.isEmpty { state.functions[index].interfaces[0].isUp = dice.chance(80) }
    }
    if var list = state.libvirt.value {
      for index in list.indices {
        list[index].uuid = GuestNumbering.uuid(of: index + 1, 1)
        if list[index].persistent == nil { list[index].persistent = list[index].live }
        list[index].freePorts = list[index].live == nil ? nil : dice.one(nil, nil, 0, 1, 2)
      }
      state.libvirt = .known(list)
    }
    // Every second host starts without assigned NICs.
    if seed % 2 == 0 { state.reboot(renumbered: false, replaced: false, 1) }
    if seed % 4 == 0, let list = state.libvirt.value {
      state.libvirt = .known(
        list.map { guest in
          var guest = guest
          guest.persistent = []
          return guest
        })
    }
    // On some of these hosts both ports of a card are in one IOMMU group.
    if seed % 4 == 0, let first = state.functions.firstIndex(where: { $0.address == pci("03:00.0") }) {
      state.functions[first].iommuGroup = state[pci("03:00.1")]?.iommuGroup
    }
    say("# the host of seed \(seed)")
    sayDocuments()
  }

  private static func serial(_ address: PCIAddress) -> String { "00-00-00-ff-ff-00-00-0\(address.bus)" }

  var store: JournalStore { JournalStore(folder) }

  mutating func say(_ words: String) { transcript.append(words) }
  private mutating func sayDocuments() { say("cat > hv01.yaml <<'END'\n\(documents.text)END") }
  mutating func count(_ what: String) { figures[what, default: 0] += 1 }

  /// Runs one random command or event, and checks the invariants.
  mutating func step(_ seed: Int) throws {
    let (before, text) = (state, documents.text)
    try act(seed)
    guard isNew || hasWritten || state != before || documents.text != text else { return }
    isNew = false
    try checkInvariants()
  }

  private mutating func act(_ seed: Int) throws {
    var dice = Dice(seed: seed)
    // Guests that answer late have released the devices by now.
    if state.simulation?.leaving.isEmpty == false { state = SimulatedHost(state).state }
    switch dice.number(0..<20) {
    case 0..<3:
      switch dice.number(0..<10) {
      case 0..<3: documents.assign(&dice)
      case 3..<6: documents = WorldDocuments(&dice)
      default: documents.move(&dice)
      }
      sayDocuments()
    case 3..<9:
      if case .open? = obstacle {
        try recover(&dice)
      } else if obstacle != nil {
        try confirm(&dice)
      } else {
        try apply(&dice)
      }
    case 9..<12:
      if case .open? = obstacle { try recover(&dice) } else { try rollback(&dice) }
    case 12: try changeStateFolder(&dice)
    case 13: try applySaved(&dice)
    default:
      let event = WorldEvent.between(&dice)
      let before = state
      event.change(&state)
      if state != before {
        changes += 1
        count("events")
        say("# \(event.words)")
      }
    }
  }

  /// Deletes, copies or restores the state folder.
  private mutating func changeStateFolder(_ dice: inout Dice) throws {
    let files = FileManager.default
    let copy = folder + ".backup"
    switch dice.number(0..<20) {
    case 0..<2 where obstacle == nil:
      try? files.removeItem(atPath: folder)
      (records, made) = ([:], 0)
      say("rm -r \(folder)  # the state folder is lost")
    case 2..<8 where files.fileExists(atPath: folder):
      try? files.removeItem(atPath: copy)
      try files.copyItem(atPath: folder, toPath: copy)
      backup = (records, made)
      say("cp -a \(folder) \(copy)")
    case 8..<11:
      guard let backup else { return }
      try? files.removeItem(atPath: folder)
      try files.copyItem(atPath: copy, toPath: folder)
      (records, made) = backup
      changes += 1
      say("rm -r \(folder); cp -a \(copy) \(folder)  # restored from the backup")
    default: return
    }
    hasWritten = true
  }

  /// Saves a plan, or applies the saved one. The host may change in between.
  private mutating func applySaved(_ dice: inout Dice) throws {
    guard let (plan, old) = saved else {
      let plan = Planner.plan(documents.request, on: state)
      guard plan.refusals.isEmpty, !plan.isEmpty else { return }
      saved = (plan, documents)
      return say("pcipass plan hv01.yaml --out saved.plan")
    }
    guard obstacle == nil else { return }
    saved = nil
    say("pcipass apply saved.plan --yes")
    let now = Planner.plan(old.request, on: state)
    guard now.refusals.isEmpty, now.isSame(as: plan) else { return count("saved plans stale") }
    count("saved plans applied")
    documents = old
    try apply(&dice)
  }

  mutating func began(_ id: Int, _ record: Record) {
    records[id] = record
    made += 1
    hasWritten = true
  }

  // MARK: Invariants

  private mutating func checkInvariants() throws {
    let plan = Planner.plan(documents.request, on: state)
    let other = Planner.plan(documents.reversed, on: state)
    // The order of steps may depend on the order of documents; the set of steps does not.
    guard Set(plan.ids) == Set(other.ids),
      plan.codes.map(\.rawValue).sorted() == other.codes.map(\.rawValue).sorted()
    else {
      throw BrokenInvariant("plans do not depend on the order of documents", "\(plan.ids) \(other.ids)")
    }
    guard Set(plan.ids).count == plan.ids.count else {
      throw BrokenInvariant("step ids are unique", "\(plan.ids)")
    }
    let status = HostStatus(plan, on: state)
    guard (status.state == .inSync) == (plan.isEmpty && plan.refusals.isEmpty) else {
      throw BrokenInvariant("plan and status agree", "\(status.state)")
    }
    if plan.isEmpty, plan.refusals.isEmpty {
      let unmet = Oracle.unmet(documents.declared, on: state)
      guard unmet.isEmpty else {
        throw BrokenInvariant("what could not start is not in sync", unmet.joined(separator: "; "))
      }
    }
    if hasWritten { try checkJournals() }
    try checkViewsAgree()
    // The oracle does not consider guests that answer late, whose devices may become available
    // meanwhile.
    guard state.simulation?.leaving.isEmpty ?? true else { return }
    for guest in state.libvirt.value ?? [] where guest.live == nil && guest.persistent?.isEmpty == false {
      var copy = state
      let starts = copy.start(guest.name)
      let obstacles = Oracle.obstacles(on: state).keys.filter { $0.hasPrefix("\(guest.uuid ?? guest.name) ") }
      guard
        starts == obstacles.isEmpty
          || guest.persistent?.contains(where: { GuestNumbering.isTwice($0, guest) }) ?? false
      else {
        throw BrokenInvariant(
          "the oracle and the host agree on what starts",
          "\(guest.name) starts: \(starts); \(obstacles); \(guest.persistent ?? [])\n\(Standing(state))")
      }
    }
  }

  /// The results of doctor and devices agree with the oracle.
  private func checkViewsAgree() throws {
    let found = Doctor.examine(state, Survey(unknown: "not looked at")).checks.filter {
      $0.code == .guestStart && $0.severity == .warning
    }
    let stuck = Set(Oracle.obstacles(on: state).keys.map { $0.prefix { $0 != " " } })
    guard found.count == stuck.count else {
      throw BrokenInvariant(
        "doctor and the oracle agree", "\(found.map(\.message)) \(Oracle.obstacles(on: state))")
    }
    let (uses, held) = (Oracle.uses(on: state), Oracle.held(on: state))
    for (address, availability) in Availability.all(on: state) where availability == .available {
      guard uses[address] == nil, !held.contains(address) else {
        throw BrokenInvariant("a NIC that devices lists as available can be assigned", "\(address)")
      }
    }
  }

  private mutating func checkJournals() throws {
    let (journals, problems) = try store.readable()
    guard problems.isEmpty else { throw BrokenInvariant("journals load", "\(problems.map(\.message))") }
    guard journals.count >= min(made, Lifetime.keep) - 1 else {
      throw BrokenInvariant("journals are never lost", "\(journals.count) of \(made)")
    }
    obstacle = try store.obstacle()
    hasWritten = false
  }
}

extension GuestNumbering {
  /// Whether the definition has a device twice, which is possible in these worlds and makes each
  /// start fail.
  fileprivate static func isTwice(_ device: Hostdev, _ guest: GuestState) -> Bool {
    (guest.persistent ?? []).count { $0.address == device.address } > 1
  }
}

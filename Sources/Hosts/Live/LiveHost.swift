import Documents
import Glibc
import HostModel
import Manifests
import Planning

/// The host that pcipass runs on.
public struct LiveHost: Host {
  /// Told in words of each write into the kernel and each program, before it is done, and for which step that is.
  public typealias Trace = @Sendable (_ step: String, _ words: String) -> Void

  private let reader: HostReader
  private let stateFolder: String?
  private let primitives: LivePrimitives
  private let trace: Trace

  /// - Parameters:
  ///   - stateFolder: where is remembered what was seen of functions; nil where nothing is.
  ///   - libvirt: which libvirt is asked: its URI, or the library's default.
  ///   - monitors: which QEMUs are asked besides.
  ///   - lock: the descriptor of the host's lock, to be held as long as something is being written.
  public init(
    reader: HostReader, stateFolder: String?, libvirt uri: String?, monitors: [QEMUMonitor],
    timeouts: Timeouts, lock: CInt? = nil, trace: @escaping Trace = { _, _ in }
  ) {
    self.init(reader, stateFolder, Libvirt(uri: uri), QEMUGuests(monitors), timeouts, lock, trace)
  }

  /// A tree of files, to be read and never changed.
  public init(tree reader: HostReader) {
    self.init(reader, nil, nil, nil, Timeouts(step: .zero, unplug: .zero), nil, { _, _ in })
  }

  private init(
    _ reader: HostReader, _ stateFolder: String?, _ libvirt: Libvirt?, _ qemu: QEMUGuests?,
    _ timeouts: Timeouts, _ lock: CInt?, _ trace: @escaping Trace
  ) {
    self.reader = reader
    self.stateFolder = stateFolder
    primitives = LivePrimitives(
      files: Sysfs(reader: reader, deadline: timeouts.step, lock: lock), libvirt: libvirt,
      qemu: qemu, timeouts: timeouts)
    self.trace = trace
  }

  public func observe() throws(Diagnostics) -> HostState {
    var reader = try informedReader()
    // Guests first: what they have taken in the meantime is then seen on the functions, not the other way round.
    reader.libvirt = domains()
    // Where it cannot be asked for its domains, that says enough.
    reader.networks = reader.libvirt.reason == nil ? networks() : nil
    reader.libvirt = reader.libvirt.only(networks: reader.networks)
    reader.qemu = primitives.qemu.map { .known($0.states()) } ?? .unavailable("a tree of files has no QEMU")
    let reading = try reader.read()
    var state = reading.state
    state.unreadable = reading.warnings.map(\.message)
    return state
  }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    // Functions have come and gone.
    if actions.contains(where: \.remakesFunctions) { return try observe() }
    return try observe(
      Set(actions.compactMap(\.function)), guests: Set(actions.compactMap(\.guest)), since: before,
      networks: before.networks)
  }

  public func observe(about action: Action, since before: HostState) throws(Diagnostics) -> HostState {
    var addresses = Set([action.function].compactMap { $0 })
    if case .resize(let step) = action {
      let known = before.functions.filter { $0.virtualFunction?.physicalFunction == step.address }
      let told = before[step.address]?.virtualFunctions(step.from.count) ?? []
      addresses.formUnion((known + told).map(\.address))
    }
    let beside = before.withGroups(of: addresses)
    var guests = Set([action.guest].compactMap { $0 })
    for (manager, guest) in before.allGuests
    where ((guest.persistent ?? []) + (guest.live ?? [])).contains(where: { beside.contains($0.address) }) {
      guests.insert(manager)
    }
    // A network of libvirt's may have been started since, or a guest on one may have got a VF from it.
    let isAboutVFs = addresses.contains {
      before[$0].map { $0.virtualFunction != nil || $0.sriov != nil } ?? true
    }
    let networks = isAboutVFs && before.networks != nil ? networks() : before.networks
    for case (.libvirt(let domain), let guest) in before.allGuests where isAboutVFs && !guest.networks.isEmpty
    {
      guests.insert(.libvirt(domain: domain))
    }
    return try observe(
      addresses, guests: guests, since: before, networks: networks, looksForHolders: action.asksForHolders)
  }

  /// Reads these functions, with those of their groups and their PFs, and these guests; the rest is as before.
  private func observe(
    _ functions: Set<PCIAddress>, guests: Set<GuestManager>, since before: HostState,
    networks: Observed<[HostdevNetwork]>?, looksForHolders: Bool = true
  ) throws(Diagnostics) -> HostState {
    var reader = try informedReader()
    reader.networks = networks
    reader.libvirt = (guests.isEmpty ? before.libvirt : domains(guests, since: before.libvirt))
      .only(networks: networks)
    reader.qemu =
      if let qemu = primitives.qemu, let known = before.qemu.value {
        .known(qemu.states(after: guests, since: known))
      } else {
        before.qemu
      }
    var addresses = functions
    // A PF tells of its VFs.
    addresses.formUnion(
      addresses.compactMap { address in
        (before[address] ?? before.virtualFunction(toComeAt: address))?.virtualFunction?.physicalFunction
      })
    let wanted = before.withGroups(of: addresses)
    let names = Dictionary(
      before.functions.compactMap { function in function.name.map { (function.id, $0) } },
      uniquingKeysWith: { first, _ in first })
    let known = looksForHolders ? nil : before
    var state = try reader.read(only: wanted, names: names, holdersSince: known).state
    for index in state.functions.indices {
      let function = before[state.functions[index].address]
      state.functions[index].variantDriver = function?.variantDriver
      state.functions[index].sriov?.variantDriver = function?.sriov?.variantDriver
    }
    state.functions = (before.functions.filter { !wanted.contains($0.address) } + state.functions)
      .sorted { $0.address < $1.address }
    state.unreadable = before.unreadable
    return state
  }

  /// The reader with what is remembered now.
  private func informedReader() throws(Diagnostics) -> HostReader {
    var reader = reader
    if let stateFolder { reader.identities = try IdentityStore.load(from: stateFolder) }
    return reader
  }

  /// Those of before, of which some are asked for anew.
  private func domains(
    _ changed: Set<GuestManager>, since before: Observed<[GuestState]>
  ) -> Observed<[GuestState]> {
    guard let libvirt = primitives.libvirt, let known = before.value else { return before }
    do throws(LibvirtFailure) {
      var states: [GuestState] = []
      for guest in known {
        let isChanged = changed.contains(.libvirt(domain: guest.name))
        if let state = isChanged ? try libvirt.domain(guest.name) : guest { states.append(state) }
      }
      return .known(states)
    } catch {
      return .unavailable(error.reason)
    }
  }

  private func domains() -> Observed<[GuestState]> {
    guard let libvirt = primitives.libvirt else { return .unavailable("a tree of files has no libvirt") }
    do throws(LibvirtFailure) { return .known(try libvirt.domains()) } catch {
      return .unavailable(error.reason)
    }
  }

  /// The networks by which libvirt assigns VFs itself; nil where there is no libvirt.
  private func networks() -> Observed<[HostdevNetwork]>? {
    guard let libvirt = primitives.libvirt else { return nil }
    do throws(LibvirtFailure) { return .known(try libvirt.hostdevNetworks()) } catch {
      return .unavailable(error.reason)
    }
  }

  public func remember(_ state: HostState) throws(Diagnostics) {
    guard let stateFolder else { return }
    let before = try IdentityStore.load(from: stateFolder)
    let after = before.remembering(state)
    if after != before { try after.save(to: stateFolder) }
  }

  public func refreshed(_ action: Action) throws(HostFailure) -> Action {
    try action.hostStep.refreshed(on: primitives)
  }

  public func state(of action: Action) throws(HostFailure) -> StepState {
    try action.hostStep.state(on: primitives)
  }

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    var primitives = primitives
    primitives.files.trace = { [trace] words in trace(step, words) }
    try action.hostStep.perform(on: &primitives)
  }

  public func settle(_ action: Action, begun ago: Duration) {
    // The lock is held until a write into the kernel has ended.
    guard let pending = action.hostStep.pending(primitives.timeouts) else { return }
    let now = ContinuousClock.now
    let end = now + pending.time - ago
    let answer = now + pending.unplug - ago
    while .now < end, (try? state(of: action)) == .notDone {
      guard ContinuousClock.now < answer || primitives.isBusy(with: pending.guest) else { return }
      usleep(200_000)
    }
  }
}

extension Observed<[GuestState]> {
  /// The guests with those of their networks that assign VFs; all where it is not known which these are.
  fileprivate func only(networks: Observed<[HostdevNetwork]>?) -> Self {
    guard case .known(let guests) = self, let known = networks?.value else { return self }
    let names = Set(known.map(\.name))
    return .known(
      guests.map { guest in
        var guest = guest
        guest.networks.removeAll { !names.contains($0) }
        return guest
      })
  }
}

extension HostState {
  /// These functions with the others of their IOMMU groups.
  fileprivate func withGroups(of addresses: Set<PCIAddress>) -> Set<PCIAddress> {
    let groups = Set(addresses.compactMap { self[$0]?.iommuGroup })
    return addresses.union(
      functions.filter { $0.iommuGroup.map(groups.contains) ?? false }.map(\.address))
  }
}

import Documents
import Glibc
import HostModel
import Manifests
import Planning

/// The host that pcipass runs on.
public struct LiveHost: Host {
  /// How long is waited for others before a step is given up.
  public struct Patience: Sendable {
    /// For one write to the kernel, or one answer of libvirt's or QEMU's.
    public var step: Duration
    /// For a guest that was asked to let a device go.
    public var unplug: Duration

    public init(step: Duration, unplug: Duration) {
      self.step = step
      self.unplug = unplug
    }
  }

  /// Told in words of each write into the kernel and each program, before it is done.
  public typealias Trace = @Sendable (String) -> Void

  private let reader: HostReader
  private let stateFolder: String?
  private let sysfs: Sysfs
  /// Nil where the host is only a tree of files.
  private let libvirt: Libvirt?
  private let qemu: QEMUGuests?
  private let patience: Patience

  /// - Parameters:
  ///   - stateFolder: where is remembered what was seen of functions; nil where nothing is.
  ///   - libvirt: which libvirt is asked: its URI, or the library's default.
  ///   - monitors: which QEMUs are asked besides.
  ///   - lock: the descriptor of the host's lock, to be held as long as something is being written.
  public init(
    reader: HostReader, stateFolder: String?, libvirt uri: String?, monitors: [QEMUMonitor],
    patience: Patience, lock: CInt? = nil, trace: @escaping Trace = { _ in }
  ) {
    self.init(reader, stateFolder, Libvirt(uri: uri), QEMUGuests(monitors), patience, lock, trace)
  }

  /// A tree of files, to be read and never changed.
  public init(tree reader: HostReader) {
    self.init(reader, nil, nil, nil, Patience(step: .zero, unplug: .zero), nil, { _ in })
  }

  private init(
    _ reader: HostReader, _ stateFolder: String?, _ libvirt: Libvirt?, _ qemu: QEMUGuests?,
    _ patience: Patience, _ lock: CInt?, _ trace: @escaping Trace
  ) {
    self.reader = reader
    self.stateFolder = stateFolder
    self.libvirt = libvirt
    self.qemu = qemu
    self.patience = patience
    sysfs = Sysfs(reader: reader, deadline: patience.step, lock: lock, trace: trace)
  }

  public func observe() throws(Diagnostics) -> HostState {
    var reader = try informedReader()
    // Guests first: what they have taken in the meantime is then seen on the functions, not the other way round.
    reader.libvirt = domains()
    reader.qemu = qemu.map { .known($0.states()) } ?? .unavailable("a tree of files has no QEMU")
    let reading = try reader.read()
    var state = reading.state
    state.unreadable = reading.warnings.map(\.message)
    return state
  }

  public func observe(after actions: [Action], since before: HostState) throws(Diagnostics) -> HostState {
    // Functions have come and gone.
    let isOther = actions.contains { if case .resize = $0 { true } else { false } }
    if isOther { return try observe() }
    var reader = try informedReader()
    let guests = Set(actions.compactMap(\.guest))
    reader.libvirt = guests.isEmpty ? before.libvirt : domains(guests, since: before.libvirt)
    reader.qemu =
      if let qemu, let known = before.qemu.value { .known(qemu.states(after: guests, since: known)) } else {
        before.qemu
      }
    var addresses = Set(actions.compactMap(\.function))
    // A PF tells of its VFs.
    addresses.formUnion(addresses.compactMap { before[$0]?.virtualFunction?.physicalFunction })
    let groups = Set(addresses.compactMap { before[$0]?.iommuGroup })
    let wanted = addresses.union(
      before.functions.filter { $0.iommuGroup.map(groups.contains) ?? false }.map(\.address))
    let names = Dictionary(
      before.functions.compactMap { function in function.name.map { (function.id, $0) } },
      uniquingKeysWith: { first, _ in first })
    var state = try reader.read(only: wanted, names: names).state
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
    guard let libvirt, let known = before.value else { return before }
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
    guard let libvirt else { return .unavailable("a tree of files has no libvirt") }
    do throws(LibvirtFailure) { return .known(try libvirt.domains()) } catch {
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
    switch action {
    case .load, .attach: return action
    case .bind(let address, _, let to): return .bind(address, from: try sysfs.binding(of: address), to: to)
    case .resize(let address, _, let to):
      return .resize(address, from: try PFDriver(sysfs: sysfs).vfSet(of: address), to: to)
    case .configure(let place, _, let to):
      let now = try PFDriver(sysfs: sysfs).settings(of: place)
      return .configure(place, from: to.counterpart(in: now), to: to)
    case .detach(let hostdev, let placement):
      // Put back as it is now, and where it is now.
      let now = try guest(placement.guest)?.hostdevs(placement.part)?
        .first { placement.guest.isSame($0, hostdev) }
      return .detach(now ?? hostdev, placement)
    }
  }

  public func progress(of action: Action) throws(HostFailure) -> Progress {
    switch action {
    case .load(let module): return Modules.hasDriver(module) ? .done : .notDone
    case .bind(let address, let from, let to): return try sysfs.progress(of: address, from: from, to: to)
    case .resize, .configure: return try PFDriver(sysfs: sysfs).progress(of: action)
    case .attach(let hostdev, let placement):
      return Progress(of: hostdev, in: placement, try guest(placement.guest), done: true)
    case .detach(let hostdev, let placement):
      return Progress(of: hostdev, in: placement, try guest(placement.guest), done: false)
    }
  }

  public func settle(_ action: Action, begun ago: Duration) {
    let placement: Placement
    let time: Duration
    switch action {
    case .attach(_, let place): (placement, time) = (place, patience.step)
    case .detach(_, let place): (placement, time) = (place, patience.step + patience.unplug)
    // The lock is held until a write into the kernel has ended.
    case .load, .bind, .resize, .configure: return
    }
    guard placement.part == .live else { return }
    let now = ContinuousClock.now
    let end = now + time - ago
    let answer = now + patience.unplug - ago
    while .now < end, (try? progress(of: action)) == .notDone {
      let isAsked = if case .detach = action { ContinuousClock.now < answer } else { false }
      guard isAsked || isBusy(with: placement.guest) else { return }
      usleep(200_000)
    }
  }

  /// A QEMU answers nobody while it is at work.
  private func isBusy(with guest: GuestManager) -> Bool {
    guard case .libvirt(let domain) = guest else { return false }
    return (try? libvirt?.isBusy(with: domain)) ?? false
  }

  public func perform(_ action: Action, step: String) throws(HostFailure) {
    switch action {
    case .load(let module): try Modules.load(module, sysfs.trace)
    case .bind(let address, _, let to):
      var files = sysfs
      try files.bind(address, to: to)
    case .resize(let address, _, let to):
      var driver = PFDriver(sysfs: sysfs)
      try driver.resize(address, to: to)
    case .configure(let place, _, let to):
      var driver = PFDriver(sysfs: sysfs)
      try driver.set(to, of: place)
    case .attach(let hostdev, let placement):
      switch placement.guest {
      case .libvirt(let domain):
        try libvirtHere().attach(hostdev, to: domain, placement.part, within: patience.step)
      case .qemu(let socket): try qemuHere().attach(hostdev, to: socket, patience)
      }
    case .detach(let hostdev, let placement):
      try detach(hostdev, placement)
    }
  }

  private func detach(_ hostdev: Hostdev, _ placement: Placement) throws(HostFailure) {
    if case .libvirt(let domain) = placement.guest, placement.part == .persistent {
      return try libvirtHere().detach(hostdev, fromDefinitionOf: domain, within: patience.step)
    }
    let release = Release { [sysfs] in sysfs.holders(of: hostdev.address) }
    switch placement.guest {
    case .libvirt(let domain):
      try libvirtHere().unplug(hostdev, from: domain, within: patience.step, answer: patience.unplug)
    case .qemu(let socket): try qemuHere().unplug(hostdev, from: socket, patience)
    }
    release.wait()
  }

  private func guest(_ manager: GuestManager) throws(HostFailure) -> GuestState? {
    switch manager {
    case .libvirt(let domain):
      let libvirt = try libvirtHere()
      do throws(LibvirtFailure) { return try libvirt.domain(domain) } catch { throw HostFailure(error) }
    case .qemu(let socket): return try qemuHere().guest(socket)
    }
  }

  private func libvirtHere() throws(HostFailure) -> Libvirt {
    guard let libvirt else { throw .onlyFiles }
    return libvirt
  }

  private func qemuHere() throws(HostFailure) -> QEMUGuests {
    guard let qemu else { throw .onlyFiles }
    return qemu
  }
}

extension HostFailure {
  fileprivate static let onlyFiles = HostFailure(.unsupported, "a tree of files cannot be changed")
}

import Documents
import Files
import Glibc
import HostModel
import Hosts
import Manifests
import Planning

extension HostOptions {
  /// Opens the selected host. A captured file tree can only be read.
  ///
  /// - Parameters:
  ///   - managers: the guest managers that are queried.
  ///   - lock: the descriptor of the host's lock; helper processes for kernel writes keep it open
  ///     until they exit.
  ///   - monitors: the monitors of QEMU guests that no manifest names yet.
  ///   - isRemembering: whether recorded facts about NICs are read.
  ///   - trace: called with each kernel write and each executed program.
  func open(
    for managers: Managers = Managers(), asking monitors: [QEMUMonitor] = [], lock: CInt? = nil,
    isRemembering: Bool = true, trace: @escaping LiveHost.Trace = { _, _ in }
  ) throws(Diagnostics) -> any Host {
    try requireOneHost()
    if let simulate {
      let state = try HostState.read(simulate)
      if simulate == "-" { return SimulatedHost(state, hidesGuests: managers.isNoneQueried) }
      return SimulatedHost(
        state, path: simulate, stateFolder: isRemembering && hiddenState == nil ? stateFolder : nil,
        hidesGuests: managers.isNoneQueried)
    }
    let reader = HostReader(
      root: sysfsRoot ?? "/", hostName: host, libvirt: .unavailable("libvirt was not queried"),
      qemu: .unavailable("QEMU was not queried"))
    if sysfsRoot != nil { return LiveHost(tree: reader) }
    let stateFolder = isRemembering && hiddenState == nil ? stateFolder : nil
    if managers.isNoneQueried {
      return LiveHost(
        withoutGuests: reader, stateFolder: stateFolder, timeouts: timeouts, lock: lock, trace: trace)
    }
    return LiveHost(
      reader: reader, stateFolder: stateFolder,
      libvirt: uri(of: managers),
      monitors: self.monitors(of: managers) + monitors,
      timeouts: timeouts, lock: lock, trace: trace)
  }

  var timeouts: Timeouts { Timeouts(step: .seconds(stepTimeout), unplug: .seconds(unplugTimeout)) }

  /// The libvirt connection URI; nil for the default of libvirt. All guests of a host that name a
  /// URI name the same one.
  func uri(of managers: Managers) -> String? {
    connect ?? managers.libvirt
      ?? managers.guests(here: hostName).lazy.compactMap(\.spec.libvirt?.uri).first
  }

  /// The connection URI that the journal records, including the default from the environment.
  func recordedURI(of managers: Managers) -> String? {
    guard isLive else { return nil }
    let variable = getenv("LIBVIRT_DEFAULT_URI").map { String(cString: $0) }
    return uri(of: managers) ?? variable.flatMap { isConnectionURI($0) ? $0 : nil }
  }

  /// The monitors of the QEMU guests that the manifests name on this host. pcipass cannot find them
  /// in another way.
  private func monitors(of managers: Managers) -> [QEMUMonitor] {
    managers.guests(here: hostName).compactMap(\.spec.qemu)
      .map { QEMUMonitor(socket: $0.qmp, user: $0.user) }
  }

  /// Reads the host, and shows a progress line meanwhile.
  func observe(_ host: any Host, on terminal: Terminal) throws(Diagnostics) -> HostState {
    if let hiddenState { terminal.warn([hiddenState]) }
    terminal.showWaiting("reading the host")
    defer { terminal.endWaiting() }
    return try host.observe()
  }
}

import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

/// The guests' half of `pcipass boot`: undoes what was not confirmed, and starts the guests that waited for it.
struct BootedGuests {
  private let options: HostOptions
  private let wait: Int
  private let state: HostState
  private let terminal: Terminal

  /// - Parameters:
  ///   - wait: how long to wait for libvirt, in seconds.
  ///   - state: the host, without its guests.
  init(options: HostOptions, wait: Int, state: HostState, on terminal: Terminal) {
    self.options = options
    self.wait = wait
    self.state = state
    self.terminal = terminal
  }

  func run() throws -> ExitStatus {
    try autostartSimulated()
    var statuses: [ExitStatus] = []
    if let journal = try unfinished() {
      awaitLibvirt(for: journal)
      statuses.append(try undo(journal))
    } else {
      terminal.write("No apply was interrupted or unconfirmed when the host restarted.\n")
    }
    statuses.append(try startRefused())
    return .worst(of: statuses)
  }

  /// The run of an earlier boot that is open or waits for its confirmation. A run of this boot is not touched.
  private func unfinished() throws(Diagnostics) -> Journal? {
    guard let journal = try JournalStore(options.stateFolder).obstacle()?.journal else { return nil }
    return journal.isOfOtherBoot(than: state) ? journal : nil
  }

  /// Undoes the run as `pcipass recover` does.
  private func undo(_ journal: Journal) throws -> ExitStatus {
    var words = ["--yes"] + options.place
    if !journal.isOpen { words += ["--unconfirmed", "\(journal.id)"] }
    if let run = journal.header.run {
      words += ["--step-timeout", "\(run.stepTimeout)", "--unplug-timeout", "\(run.unplugTimeout)"]
    }
    do {
      return try RecoverCommand.parse(words).run(on: terminal)
    } catch let error as any CommandError {
      // Guests that are not concerned are started all the same.
      terminal.print(error.commandFailure)
      return .worst(of: [error.commandFailure.status, .needsOperator])
    }
  }

  /// Waits until libvirt answers, if the run has changed domains.
  private func awaitLibvirt(for journal: Journal) {
    let isNeeded = journal.header.plan.steps.contains { $0.action.guest?.kind == .libvirt }
    guard isNeeded, let host = try? options.open(for: Managers(of: journal)) else { return }
    waitUntil(within: .seconds(wait)) {
      let state = try? host.observe()
      if state?.libvirt.value != nil { return true }
      sleep(for: .milliseconds(500))
      return false
    }
  }

  /// Starts the domains that libvirt starts by itself and that its hook has refused in this boot. The hook
  /// decides again.
  func startRefused() throws -> ExitStatus {
    let refused = Set(try RefusedStarts(options.stateFolder, boot: state.kernel.bootID).all())
    guard !refused.isEmpty else { return .success }
    let host = try options.open(for: Managers())
    let seen = try host.observe()
    if let reason = seen.libvirt.reason {
      throw CommandFailure(
        diagnostics: [
          Diagnostic(code: "unavailable", "guests that the hook has held are not started: \(reason)")
        ], atLeast: .needsOperator)
    }
    var status = ExitStatus.success
    for guest in seen.libvirt.value ?? [] where guest.uuid.map(refused.contains) ?? false {
      guard guest.live == nil, guest.isAutostarted else { continue }
      do throws(HostFailure) {
        if let held = try heldSimulated(guest) { throw held }
        try host.start(guest.name)
        terminal.write("Started \(printable(guest.name)).\n")
      } catch {
        terminal.warn([
          Diagnostic(
            code: "not-started", "\(guest.name) is not started: \(error.message)",
            help: error.help ?? "start it when the reason is gone: virsh start \(shellWord(guest.name))")
        ])
        status = .needsOperator
      }
    }
    return status
  }

  // MARK: The simulated libvirt

  /// On a simulated host, libvirt starts now, and with it the guests that it starts by itself.
  private func autostartSimulated() throws {
    guard let host = try options.open(for: .none) as? SimulatedHost, options.simulate != "-" else { return }
    let index = HostIndex(state)
    let refused = RefusedStarts(options.stateFolder, boot: state.kernel.bootID)
    var failure: Diagnostics?
    host.autostart { guest in
      do throws(Diagnostics) {
        let isRefused = try GuestHook(options.stateFolder, on: index).refusal(of: guest) != nil
        if let uuid = guest.uuid { try refused.note(uuid, isRefused: isRefused) }
        return !isRefused
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// The failure that libvirt's hook causes on a simulated host; nil on a real one, where libvirt asks it.
  private func heldSimulated(_ guest: GuestState) throws(HostFailure) -> HostFailure? {
    guard !options.isLive else { return nil }
    do throws(Diagnostics) {
      let now = HostIndex(try options.open(for: .none).observe())
      let refusal = try GuestHook(options.stateFolder, on: now).refusal(of: guest)
      return refusal.map { _ in HostFailure(.refused, "the hook of libvirt refuses it") }
    } catch {
      throw HostFailure(.refused, error.message)
    }
  }
}

import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning
import Reporting

struct BootCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot", abstract: "After a reboot, set up what was confirmed, undo what was not.",
    discussion: """
      pcipass-boot.service runs it before the network and libvirt. It sets up drivers, VFs and VF settings \
      from one record, STATE/boot.json, and asks neither libvirt nor QEMU. A card that is missing or another \
      one is named and left, and so is a NIC that somebody had given back to the host; the others are set up. \
      With --guests, which pcipass-boot-guests.service runs when libvirt answers, it undoes an apply that was \
      interrupted or not confirmed before the reboot, and starts the guests that had to wait for that. With \
      --late, which pcipass-boot-late.service runs when the network is up, it tries again what was not ready. \
      pcipass.boot=off on the kernel command line stops all of them.

      EXIT STATUS:
        0  everything is as recorded, or nothing is recorded
        1  an error, such as a damaged record
        5  an operator is needed: a function could not be set up, an undo is incomplete, a run is interrupted
        6  an apply of this boot is waiting for confirmation
        75 another pcipass holds the lock

      EXAMPLES:
        pcipass boot
        pcipass boot --guests
        pcipass boot --late
        pcipass boot --forget 0000:05:00.0     a card that is gone for good
        pcipass boot --simulate hv01.json --reboot
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var waiting: LockOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "How long to wait for slow drivers, or with --guests for libvirt, 0 to 30 s.", valueName: "seconds"))
  var wait = 30

  @Flag(help: "Undo what was not confirmed, and start the guests that waited for it.")
  var guests = false

  @Flag(help: "Try again what was not ready at boot, and start the guests that waited for it.")
  var late = false

  @Option(
    help: ArgumentHelp(
      "Remove this function and its VFs from the record; change nothing else.", valueName: "address"))
  var forget: PCIAddressArgument?

  @Flag(help: "With --simulate: restart the simulated host first.")
  var reboot = false

  @Option(help: "The output format.")
  var format = FormatArgument<TextOrJSON>.text

  var outputFormat: OutputFormat { format.format }
  var changesHost: Bool { true }

  mutating func validate() throws {
    try options.checkChangeable()
    if !(0...30).contains(wait) { throw ValidationError("--wait must be 0 to 30 seconds") }
    if reboot, options.simulate == nil { throw ValidationError("--reboot requires --simulate") }
    let tasks = [guests, late, reboot, forget != nil].filter { $0 }
    if tasks.count > 1 { throw ValidationError("--guests, --late, --reboot and --forget exclude each other") }
    if !format.isText, guests || late || forget != nil {
      throw ValidationError(
        "--format json is only for what boot sets up, not with --guests, --late or --forget")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    if let forget { return try self.forget(forget.address, on: terminal) }
    let host = try options.open(for: .none)
    if reboot, let host = host as? SimulatedHost {
      do throws(HostFailure) { try host.reboot() } catch {
        throw Diagnostics(code: "unwritable", error.message)
      }
    }
    let state = try host.observe()
    if state.kernel.isBootOff {
      terminal.write("pcipass.boot=off is on the kernel command line: nothing is set up.\n")
      if !format.isText {
        terminal.write(product: BootJSON.text(BootJSON.Document(host: state.host, results: [])))
      }
      return .success
    }
    let booted = BootedGuests(options: options, wait: wait, state: state, on: terminal)
    if guests { return try booted.run() }
    guard late else { return try setUp(state, on: terminal) }
    let record = try BootStore(options.stateFolder).load()
    if record.notSetUp(in: state.kernel.bootID).isEmpty {
      terminal.write("Everything that is recorded was set up.\n")
      return .success
    }
    return .worst(of: [try setUp(state, on: terminal), try booted.startRefused()])
  }

  /// Throws if a run of this boot is open or waits for its confirmation: what it has changed is not in the record,
  /// and would be taken back. A run of an earlier boot is undone with `--guests`.
  private func requireNothingUnfinished(in boot: HostState) throws {
    // Journals that cannot be read do not keep the host from being set up.
    guard let obstacle = (try? JournalStore(options.stateFolder).obstacle()) ?? nil,
      !obstacle.journal.isOfOtherBoot(than: boot)
    else { return }
    if case .awaitsConfirmation = obstacle, let pending = options.pendingConfirmation {
      throw CommandFailure(
        diagnostics: [ConfirmationText.diagnostic(pending, .error)], atLeast: .waiting)
    }
    throw Diagnostics(
      code: "interrupted",
      "\(obstacle.journal.name) did not finish: nothing is set up before it is recovered",
      help: "pcipass recover")
  }

  private func setUp(_ boot: HostState, on terminal: Terminal) throws -> ExitStatus {
    let lock = try options.lock(waiting, for: "boot", on: terminal)
    defer { lock.release() }
    terminal.watchSignals(hangup: true)
    try requireNothingUnfinished(in: boot)
    let store = BootStore(options.stateFolder)
    let record = try record(in: store, on: terminal)
    if let recorded = record.machine, let machine = boot.machine, recorded != machine {
      throw Diagnostics(
        code: "wrong-host", "the boot record in \(options.stateFolder) is that of another machine",
        help: "a copied state folder must not set up NICs here: move boot.json away")
    }
    let trace = TraceLine()
    let host = try options.open(for: .none, lock: lock.descriptor, trace: trace.send)
    let run = BootRun(on: host, stop: { terminal.interruption })
    if !record.entries.isEmpty { terminal.showWaiting("setting up NICs") }
    let results = run.run(record, waiting: .seconds(late ? 0 : wait))
    terminal.endWaiting()
    let state = try host.observe()
    note(results, on: HostIndex(state), in: store, terminal)
    try terminal.write(
      Rendering(
        text: {
          results.isEmpty
            ? "Nothing is recorded for the boot of \(printable(state.host)).\n"
            : BootText.text(results, on: state.host, terminal.outputStyle)
        },
        json: { BootJSON.text(BootJSON.Document(host: state.host, results: results)) }), as: format.format)
    terminal.warn(BootText.diagnostics(results))
    return results.contains { $0.problem.map { !$0.isIntended } ?? false } ? .needsOperator : .success
  }

  /// The record with all final runs, also if it cannot be stored.
  private func record(in store: BootStore, on terminal: Terminal) throws(Diagnostics) -> BootRecord {
    let before = try store.load()
    do throws(Diagnostics) { return try store.catchUp(seeing: nil) } catch {
      terminal.warn([.bootRecord(error)])
      return (try? before.catchingUp(with: JournalStore(options.stateFolder))) ?? before
    }
  }

  private func note(
    _ results: [BootRun.Result], on host: HostIndex, in store: BootStore, _ terminal: Terminal
  ) {
    guard !results.isEmpty else { return }
    let sighting = Sighting(at: .now, boot: host.state.kernel.bootID)
    do throws(Diagnostics) {
      try store.update { record throws(Diagnostics) in
        var record = record.seeing(host, at: sighting)
        record.attempt = BootAttempt(sighting: sighting, problems: results.compactMap(\.problem))
        return record
      }
    } catch { terminal.warn([.bootRecord(error)]) }
  }

  private func forget(_ address: PCIAddress, on terminal: Terminal) throws -> ExitStatus {
    let lock = try options.lock(waiting, for: "boot --forget", on: terminal)
    defer { lock.release() }
    let store = BootStore(options.stateFolder)
    let record = try store.catchUp(seeing: nil)
    guard record.forgetting(address) != record else {
      throw Diagnostics(
        code: "no-target", "\(address) is not in the boot record",
        help: record.entries.isEmpty
          ? nil : "it contains: " + record.entries.map { "\($0.address)" }.joined(separator: ", "))
    }
    try store.update { record throws(Diagnostics) in record.forgetting(address) }
    terminal.write("\(address) is not set up at boot any more. Nothing was changed on the host.\n")
    return .success
  }
}

extension Kernel {
  /// Whether `pcipass.boot=off` is on the command line. The last such word counts.
  fileprivate var isBootOff: Bool {
    let words = (commandLine.value ?? "").split { $0 == " " || $0 == "\n" || $0 == "\t" }
    let values = words.compactMap {
      $0.hasPrefix("pcipass.boot=") ? $0.dropFirst("pcipass.boot=".count) : nil
    }
    return values.last.map { ["off", "no", "0", "false"].contains($0) } ?? false
  }
}

/// The address of a function on the command line.
struct PCIAddressArgument: ExpressibleByArgument {
  let address: PCIAddress

  init?(argument: String) {
    guard let address = PCIAddress(argument) else { return nil }
    self.address = address
  }
}

import ArgumentParser
import Documents
import Execution
import Files
import HostModel
import Hosts
import Planning
import SystemPackage

/// What libvirt's hook runs before a domain starts (https://libvirt.org/hooks.html). It never calls libvirt.
struct HookCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "hook", abstract: "Decide for libvirt whether a domain may start.", shouldDisplay: false)

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The name of the domain. Its XML is read from the standard input.")
  var domain: String

  /// The largest XML of a domain that is read.
  private static let longest = 16 << 20

  func run(on terminal: Terminal) throws -> ExitStatus {
    let guest = try GuestState.starting(domain, try xml())
    do {
      guard let held = try refusal(of: guest) else { return .success }
      throw CommandFailure(diagnostics: [held], atLeast: .refused)
    } catch let error as Diagnostics {
      // A guest without NICs from pcipass is not concerned.
      guard guest.hostdevs(.persistent)?.contains(where: { Ownership.nic(ofAlias: $0.alias) != nil }) ?? false
      else {
        terminal.warn(error.all.map(\.asWarning))
        return .success
      }
      throw CommandFailure(
        diagnostics: error.all + [Self.held(guest, "whether its NICs are as recorded is unknown", nil)],
        atLeast: .refused)
    }
  }

  /// Why the domain must not start; nil if it may.
  private func refusal(of guest: GuestState) throws(Diagnostics) -> Diagnostic? {
    let host = HostIndex(try options.open(for: .none).observe())
    let refusal = try GuestHook(options.stateFolder, on: host).refusal(of: guest)
    let refused = RefusedStarts(options.stateFolder, boot: host.state.kernel.bootID)
    if let uuid = guest.uuid { try refused.note(uuid, isRefused: refusal != nil) }
    switch refusal {
    case nil: return nil
    case .unfinished(let run, let isOpen):
      return Self.held(
        guest,
        "\(run) \(isOpen ? "was interrupted" : "was not confirmed") before the host restarted, and its changes to "
          + "this guest are not undone yet",
        "undo them: pcipass boot --guests, as pcipass-boot-guests.service does")
    case .boot(let problem):
      return Self.held(guest, problem.message, "set it up: pcipass boot; or plan again: pcipass plan")
    }
  }

  private static func held(_ guest: GuestState, _ reason: String, _ help: String?) -> Diagnostic {
    let way = "to start it all the same: move /etc/libvirt/hooks/qemu.d/pcipass away"
    return Diagnostic(
      code: "guest-held", "\(guest.name) must not start: \(reason)",
      help: [help, way].compactMap { $0 }.joined(separator: "; "))
  }

  private func xml() throws(Diagnostics) -> [UInt8] {
    do throws(Errno) { return try readStandardInput(atMost: Self.longest) } catch {
      throw Diagnostics(code: "unreadable", "the XML of \(domain) cannot be read: \(error)")
    }
  }
}

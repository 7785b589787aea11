import ArgumentParser
import Documents
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

struct RenderCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Print what starts a guest with the NICs that the manifests give to it.",
    discussion: """
      --xml is for those who keep domain XML in git, or start guests by virsh create. Hostdevs that the guest is \
      to have are put in, those that pcipass put in and nothing claims any more are taken out, and each other byte \
      stays as it was. --qemu is for guests without libvirt: the arguments for QEMU's command line, or with \
      --readconfig a file for -readconfig. Nothing on the host is changed: that is what apply does before.

      EXIT STATUS:
        0  printed
        1  an error, or a NIC cannot be given to the guest

      EXAMPLES:
        pcipass render winxp fleet/ --xml winxp.xml > new.xml
        pcipass render winxp fleet/ --xml winxp.xml --state hv01.json
        virsh dumpxml --inactive winxp | pcipass render winxp fleet/ --xml -
        qemu-system-x86_64 … $(pcipass render probe fleet/ --qemu --root-ports)
      """)

  @OptionGroup var options: HostOptions

  @Option(
    help: ArgumentHelp(
      "Look NICs up in a snapshot instead of the host, or in a folder of them.", valueName: "path"),
    completion: .snapshots)
  var state: String?

  @Option(
    help: ArgumentHelp("The domain's XML; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["xml"]))
  var xml: String?

  @Flag(help: "Print arguments for QEMU's command line.")
  var qemu = false

  @Flag(help: "With --qemu: print a file for -readconfig instead.")
  var readconfig = false

  @Flag(
    name: .customLong("root-ports"),
    help: "With --qemu: a port for each NIC, so that it can leave while the guest runs (q35, virt).")
  var rootPorts = false

  @Option(help: "With --qemu: the device model; QEMU before 2.9 may have pci-assign only.")
  var model = DeviceModel.vfioPCI

  @Argument(help: "The guest, as its manifest names it.", completion: .guests)
  var guest: String

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    try options.check(excluding: state)
    guard (xml == nil) == qemu else {
      throw ValidationError("one of --xml FILE (libvirt) and --qemu is needed")
    }
    if !qemu, readconfig || rootPorts || model != .vfioPCI {
      throw ValidationError("--readconfig, --root-ports and --model belong to --qemu")
    }
    if xml == "-", paths.contains("-") || state == "-" {
      throw ValidationError("only one of manifests, XML and state can come from standard input")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let fleet = try Fleet.load(paths)
    let guest = try fleet.guest(guest, of: options.host)
    try checkKind(of: guest)
    guard let host = fleet.hosts.first(where: { $0.name == guest.host }) else {
      throw Diagnostics(code: "no-host", "no Host named \(guest.host) is among these manifests")
    }
    let request = Request(host: host, guests: fleet.guests.filter { $0.host == host.name })
    let state = try observed(host, fleet, on: terminal)
    let devices = GuestDevices(of: guest, ResolvedRequest(request, on: HostIndex(state)))
    guard devices.refusals.isEmpty else { throw CommandFailure(refusals: devices.refusals) }
    if let xml {
      try terminal.write(document: try document(xml, of: guest, on: state, having: devices))
    } else {
      let arguments = QEMUArguments(devices.hostdevs, model: model.rawValue, hasRootPorts: rootPorts)
      terminal.write(readconfig ? arguments.file : arguments.commandLine)
    }
    return .success
  }

  private func checkKind(of guest: GuestManifest) throws(Diagnostics) {
    switch (guest.manager.kind, xml) {
    case (.qemu, .some):
      throw Diagnostics(
        code: "usage", "\(guest.name) is a QEMU without libvirt: there is no domain XML of it",
        help: "use --qemu")
    case (.libvirt, nil):
      throw Diagnostics(
        code: "usage", "\(guest.name) is a domain of libvirt, which starts QEMU itself",
        help: "use --xml FILE")
    default: break
    }
  }

  private func document(
    _ xml: String, of guest: GuestManifest, on state: HostState, having devices: GuestDevices
  ) throws(Diagnostics) -> [UInt8] {
    let source = try Source.file(xml)
    return try DomainEdit.document(
      source.text, name: source.name, having: devices.hostdevs,
      of: DomainIdentity(of: guest, on: state), replacingAliasesOf: devices.allowed)
  }

  /// Throws `wrong-host` for the state of another host: the same addresses may be other devices there.
  private func check(_ state: HostState, isOf host: HostManifest) throws(Diagnostics) {
    guard (options.host ?? state.host) == host.name else {
      throw Diagnostics(
        code: "wrong-host", "\(guest) runs on \(host.name), and what was looked at is \(state.host)",
        help: "give a snapshot of \(host.name): --state FILE")
    }
  }

  private func observed(
    _ host: HostManifest, _ fleet: Fleet, on terminal: Terminal
  ) throws(Diagnostics) -> HostState {
    guard let state else {
      let live = try options.open(for: Managers(of: fleet.guests))
      let found = try options.observe(live, on: terminal)
      options.warnOfPending(on: terminal)
      try check(found, isOf: host)
      // The NIC loses its MAC address and its name on the host once the guest has it.
      do throws(Diagnostics) { try live.remember(found) } catch {
        for problem in error.all {
          terminal.writeError("warning: NICs cannot be remembered: \(printable(problem.message))\n")
        }
      }
      return found
    }
    let found = try Snapshots(state).state(of: host.name, in: fleet)
    try check(found, isOf: host)
    return found
  }
}

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
    abstract: "Print domain XML or QEMU arguments with the NICs of a guest.",
    discussion: """
      render changes nothing on the host; run apply first. --xml is for domain XML in git and for guests \
      that are started with virsh create. It adds the claimed hostdevs, removes hostdevs of pcipass that are \
      no longer claimed, and keeps every other byte. --qemu is for guests without libvirt: it prints \
      arguments for the QEMU command line or, with --readconfig, a file for -readconfig.

      EXIT STATUS:
        0  printed
        1  an error
        3  a guard refuses a NIC of the guest

      EXAMPLES:
        pcipass render winxp fleet/ --xml winxp.xml > new.xml
        pcipass render winxp fleet/ --xml winxp.xml --state hv01.json
        virsh dumpxml --inactive winxp | pcipass render winxp fleet/ --xml -
        qemu-system-x86_64 … $(pcipass render probe fleet/ --qemu --root-ports)
      """)

  @OptionGroup var options: HostOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Read NICs from a snapshot, or a folder of snapshots, instead of the host.", valueName: "path"),
    completion: .snapshots)
  var state: String?

  @Option(
    help: ArgumentHelp("The domain XML to edit; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["xml"]))
  var xml: String?

  @Flag(help: "Print arguments for the QEMU command line.")
  var qemu = false

  @Flag(help: "With --qemu: print a file for -readconfig instead of arguments.")
  var readconfig = false

  @Flag(
    name: .customLong("root-ports"),
    help:
      "With --qemu: add a root port for each NIC, so that it can be hot-unplugged (machines q35 and virt).")
  var rootPorts = false

  @Option(help: "With --qemu: the device model; pci-assign is for old QEMU versions without vfio-pci.")
  var model = DeviceModel.vfioPCI

  @Argument(help: "The name of the guest in its manifest.", completion: .guests)
  var guest: String

  @Argument(help: "Manifest files and folders; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    try options.check(excluding: state)
    guard (xml == nil) == qemu else {
      throw ValidationError("either --xml FILE (libvirt) or --qemu is required")
    }
    if !qemu, readconfig || rootPorts || model != .vfioPCI {
      throw ValidationError("--readconfig, --root-ports and --model need --qemu")
    }
    if xml == "-", paths.contains("-") || state == "-" {
      throw ValidationError("only one of manifests, XML and state can come from standard input")
    }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let (fleet, guest, host) = try manifests(on: terminal)
    try checkKind(of: guest)
    let request = try fleet.request(for: host.name)
    let state = try observed(host, fleet, on: terminal)
    let devices = GuestDevices(of: guest, ResolvedRequest(request, on: HostIndex(state)))
    guard devices.refusals.isEmpty else {
      let reference = GuestReference(name: guest.name, manager: guest.manager)
      throw CommandFailure(refusals: devices.refusals.map { Described($0, guest: reference) })
    }
    if let xml {
      terminal.write(product: try document(xml, of: guest, on: state, having: devices))
    } else {
      let arguments = QEMUArguments(devices.hostdevs, model: model.rawValue, hasRootPorts: rootPorts)
      terminal.write(readconfig ? arguments.file : arguments.commandLine)
    }
    return .success
  }

  /// The manifests, and the guest with its host.
  private func manifests(
    on terminal: Terminal
  ) throws(Diagnostics) -> (Fleet, guest: GuestManifest, host: HostManifest) {
    let manifests = try LoadedManifests(Loader.load(paths))
    let found: (guest: GuestManifest, host: HostManifest)
    do throws(Diagnostics) { found = try manifests.fleet.guest(guest, of: options.host) } catch {
      // The guest may be in a document that cannot be decoded.
      throw Diagnostics(manifests.diagnostics + error.all)
    }
    return (try manifests.fleet(on: found.host.name, terminal), found.guest, found.host)
  }

  private func checkKind(of guest: GuestManifest) throws(Diagnostics) {
    switch (guest.manager.kind, xml) {
    case (.qemu, .some):
      throw Diagnostics(
        code: "usage", "\(guest.name) is a QEMU guest without libvirt, so it has no domain XML",
        help: "use --qemu")
    case (.libvirt, nil):
      throw Diagnostics(
        code: "usage", "\(guest.name) is a libvirt domain: libvirt starts its QEMU",
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

  /// Throws `wrong-host` for the state of another host, because the same addresses may be other
  /// devices there.
  private func check(_ state: HostState, isOf host: HostManifest) throws(Diagnostics) {
    guard (options.host ?? state.host) == host.name else {
      throw Diagnostics(
        code: "wrong-host", "\(guest) runs on \(host.name), but the NICs were read from \(state.host)",
        help: "use a snapshot of \(host.name): --state FILE")
    }
  }

  private func observed(
    _ host: HostManifest, _ fleet: Fleet, on terminal: Terminal
  ) throws(Diagnostics) -> HostState {
    guard let state else {
      let live = try options.open(for: Managers(of: fleet))
      let found = try options.observe(live, on: terminal)
      options.warnOfPending(on: terminal)
      try check(found, isOf: host)
      // The NICs are recorded now, because a NIC has no MAC address and no name on the host after
      // it is assigned.
      do throws(Diagnostics) { try live.remember(found) } catch {
        for problem in error.all {
          terminal.writeError("warning: NICs cannot be recorded: \(printable(problem.message))\n")
        }
      }
      return found
    }
    let found =
      if let folder = SnapshotFolder(state) { try folder.requiredState(of: host.name) } else {
        try HostState.read(state)
      }
    try check(found, isOf: host)
    return found
  }
}

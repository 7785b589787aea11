import ArgumentParser
import Documents
import HostModel
import Hosts
import Manifests
import Planning
import Reporting

struct Render: ParsableCommand {
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
  var model = Model.vfioPCI

  enum Model: String, CaseIterable, ExpressibleByArgument {
    case vfioPCI = "vfio-pci"
    case pciAssign = "pci-assign"
  }

  @Argument(help: "The guest, as its manifest names it.", completion: .guests)
  var guest: String

  @Argument(help: "Files and folders of manifests; - is standard input.", completion: .manifests)
  var paths: [String]

  mutating func validate() throws {
    if state != nil, !options.isLive {
      throw ValidationError("--state, --simulate and --sysfs-root exclude each other")
    }
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

  func run() throws {
    let fleet = try loadFleet(paths)
    let guest = try find(in: fleet)
    switch (guest.manager, xml) {
    case (.qemu, .some):
      throw fail(
        "usage", "\(guest.name) is a QEMU without libvirt: there is no domain XML of it", help: "use --qemu")
    case (.libvirt, nil):
      throw fail(
        "usage", "\(guest.name) is a domain of libvirt, which starts QEMU itself", help: "use --xml FILE")
    default: break
    }
    guard let host = fleet.hosts.first(where: { $0.name == guest.host }) else {
      throw fail("no-host", "no Host named \(guest.host) is among these manifests")
    }
    let request = Request(host: host, guests: fleet.guests.filter { $0.host == host.name })
    let state = try observed(host, fleet)
    let devices = GuestDevices(of: guest, request, on: state)
    guard devices.refusals.isEmpty else {
      let text = PlanText(style: Terminal.error)
      Terminal.writeError(devices.refusals.reduce(into: "") { $0 += text.text($1) })
      throw ExitCode.failure
    }
    if let xml {
      try Terminal.write(document: try document(xml, of: guest, on: state, having: devices))
    } else {
      let arguments = QEMUArguments(devices.hostdevs, model: model.rawValue, hasRootPorts: rootPorts)
      Terminal.write(readconfig ? arguments.file : arguments.commandLine)
    }
  }

  private func document(
    _ xml: String, of guest: GuestManifest, on state: HostState, having devices: GuestDevices
  ) throws -> [UInt8] {
    let identity = DomainIdentity(
      guest: guest.name,
      name: guest.isNamed ? Located(guest.manager.name, at: guest.metadata.name.place) : nil,
      uuid: guest.spec.libvirt?.uuid,
      domains: (state.libvirt.value ?? []).reduce(into: [:]) { domains, domain in
        if let uuid = domain.uuid { domains[uuid] = domain.name }
      })
    do throws(Diagnostic) {
      let source = try Source.file(xml)
      return try DomainEdit.document(
        source.text, name: source.name, having: devices.hostdevs, of: identity,
        replacingAliasesOf: devices.allowed)
    } catch {
      throw fail([error])
    }
  }

  /// Names may repeat on other hosts.
  private func find(in fleet: Fleet) throws -> GuestManifest {
    let named = fleet.guests.filter { $0.name == guest && (options.host ?? $0.host) == $0.host }
    if let guest = named.first, named.count == 1 { return guest }
    if named.isEmpty {
      let near = nearest(to: guest, among: fleet.guests.map(\.name))
      throw fail(
        "no-guest",
        "no Guest named \(printable(guest)) \(options.host.map { "of \($0) " } ?? "")is among these manifests",
        help: near.map { "did you mean \($0)?" })
    }
    throw fail(
      "ambiguous", "\(named.count) hosts have a guest named \(guest)",
      help: "say which by --host: " + named.map(\.host).joined(separator: ", "))
  }

  /// The addresses of one host's NICs are another's USB controllers.
  private func check(_ state: HostState, isOf host: HostManifest) throws {
    guard (options.host ?? state.host) == host.name else {
      throw fail(
        "wrong-host", "\(guest) runs on \(host.name), and what was looked at is \(state.host)",
        help: "give a snapshot of \(host.name): --state FILE")
    }
  }

  private func observed(_ host: HostManifest, _ fleet: Fleet) throws -> HostState {
    guard let state else {
      let live = try options.open(for: Managers(of: fleet.guests))
      let found = try options.observe(live)
      options.warnOfPending()
      try check(found, isOf: host)
      // The guest that is started with what is printed takes the NIC's MAC and name away.
      do throws(Diagnostics) { try live.remember(found) } catch {
        for problem in error.all {
          Terminal.writeError("warning: NICs cannot be remembered: \(printable(problem.message))\n")
        }
      }
      return found
    }
    var result: HostState?
    try Snapshots(state).forEachHost(of: fleet, named: host.name) { state, _, _ in result = state }
    guard let result else { throw fail("no-host", "\(state) has no snapshot of \(host.name)") }
    try check(result, isOf: host)
    return result
  }
}

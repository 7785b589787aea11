import ArgumentParser
import Documents
import HostModel
import Planning
import Reporting

struct DevicesCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "List the host's NICs: who has them, and which can be handed out.",
    discussion: """
      HAND OUT is what a plan's guards say: yes, taken, or what stands against it. An interface or a MAC address in \
      brackets is remembered: a NIC on vfio-pci has none. With manifests, MANIFEST is the NIC's name there, the guest \
      that claims it, and the line.

      EXIT STATUS:
        0  listed
        1  an error, or there is no such function

      EXAMPLES:
        pcipass devices
        pcipass devices --free
        pcipass devices 0000:03:00.0          all that is known of it
        pcipass devices fleet/                with what manifests say of each
        pcipass devices --driver vfio-pci --format csv
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .csv]
  }

  @OptionGroup var observation: ObservationOptions

  @Flag(help: "All PCI functions, not only NICs.")
  var all = false

  @Option(help: ArgumentHelp("Only those on this driver; none: without a driver.", valueName: "name"))
  var driver: [String] = []

  @Option(help: ArgumentHelp("Only those of this IOMMU group.", valueName: "number"))
  var group: [Int] = []

  @Option(help: ArgumentHelp("Only those with this id: vendor, or vendor:device.", valueName: "id"))
  var id: [String] = []

  @Flag(help: "Only those that can be handed out.")
  var free = false

  @Flag(help: "Draw what is behind what, instead of the table.")
  var tree = false

  @Option(help: "How it is printed.")
  var format = FormatArgument<Formats>.text

  @Argument(
    help: ArgumentHelp(
      "PCI addresses, for all that is known of these; files and folders of manifests.",
      valueName: "address-or-path"),
    completion: .addresses)
  var words: [String] = []

  private var addresses: [PCIAddress] { words.compactMap { PCIAddress(typed: $0) } }
  private var paths: [String] { words.filter { PCIAddress(typed: $0) == nil } }

  mutating func validate() throws {
    for id in id where Self.id(id) == nil {
      throw ValidationError("'\(printable(id))' is no id: a vendor such as 8086, or 8086:10c9")
    }
    if !addresses.isEmpty, all || free || !driver.isEmpty || !group.isEmpty || !id.isEmpty {
      throw ValidationError("an address is one function: filters are for lists")
    }
    if tree, !format.isText {
      throw ValidationError("--tree is drawn as text; see pcipass graph for pictures")
    }
  }

  private static func id(_ text: String) -> (vendor: UInt16, device: UInt16?)? {
    PCIID(text).map { ($0.vendor, $0.device) } ?? PCIIDHalf(text).map { ($0.value, nil) }
  }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, on: terminal)
    let inventory = Inventory(observed.host, request: observed.request)
    for address in addresses where observed.host.state[address] == nil {
      throw Diagnostics(
        code: "no-function", "this host has no function \(address)",
        help: "pcipass devices --all lists them")
    }
    let rendering = Rendering(
      text: { text(inventory, observed.host, terminal) },
      json: { DeviceList.json(inventory, filter) },
      csv: { DeviceList.csv(inventory, filter) })
    try terminal.write(rendering, as: format.format)
    terminal.warn(observed.host.state.unreadable.map { Diagnostic(.warning, code: "unreadable", $0) })
    return .success
  }

  private var filter: InventoryFilter {
    var filter = InventoryFilter()
    filter.isForAll = all
    filter.addresses = Set(addresses)
    filter.drivers = Set(driver)
    filter.groups = Set(group)
    filter.ids = id.compactMap(Self.id)
    filter.isFree = free
    return filter
  }

  private func text(_ inventory: Inventory, _ host: HostIndex, _ terminal: Terminal) -> String {
    let style = terminal.outputStyle
    if tree {
      let shown = Set(inventory.devices.filter(filter.includes).map(\.function.address))
      let topology = Topology(host, isForAll: all).only { shown.contains($0.address) }
      return GraphText(style: style, width: terminal.width).text(topology)
    }
    if addresses.isEmpty {
      return DeviceTable(style: style, width: terminal.width).text(inventory, filter)
    }
    return inventory.devices.filter(filter.includes)
      .map { DeviceDetails(style: style).text($0, unknown: inventory.unknown) }.joined(separator: "\n")
  }
}

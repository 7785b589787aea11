import ArgumentParser
import Documents
import HostModel
import Planning
import Reporting
import SystemPackage

struct DevicesCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "List the host's NICs, their guests, and whether each is assignable.",
    discussion: """
      For each NIC the table shows whether it is assignable: available, in use, or the check that refuses it. \
      An interface name or MAC address in brackets was recorded earlier, because a NIC on vfio-pci has no \
      interface. With manifests, the column MANIFEST shows the name of the NIC in the manifests, the guest \
      that claims it, and the line.

      EXIT STATUS:
        0  listed
        1  an error, or an unknown function

      EXAMPLES:
        pcipass devices
        pcipass devices --free
        pcipass devices 0000:03:00.0          show its details
        pcipass devices fleet/                with the NIC name and claim of each
        pcipass devices --driver vfio-pci --format csv
      """)

  enum Formats: AcceptedFormats {
    static let all: [OutputFormat] = [.text, .json, .csv]
  }

  @OptionGroup var observation: ObservationOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var table: TableOptions

  @Flag(help: "List all PCI functions, not only NICs.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "List only devices on this driver; \"none\" means devices without a driver. Can be repeated.",
      valueName: "name"))
  var driver: [String] = []

  @Option(help: ArgumentHelp("List only devices of this IOMMU group. Can be repeated.", valueName: "number"))
  var group: [Int] = []

  @Option(
    help: ArgumentHelp(
      "List only devices with this id: VENDOR or VENDOR:DEVICE. Can be repeated.", valueName: "id"))
  var id: [String] = []

  @Flag(help: "List only available devices.")
  var free = false

  @Flag(help: "Draw the PCI topology instead of the table.")
  var tree = false

  @Option(help: "The output format.")
  var format = FormatArgument<Formats>.text

  @Argument(
    help: ArgumentHelp(
      "PCI addresses and network interfaces, to show their details; manifest files and folders.",
      valueName: "address-or-path"),
    completion: .addresses)
  var words: [String] = []

  /// The arguments that name functions, by address or by interface.
  private var names: [String] { words.filter { PCIAddress(typed: $0) != nil || !Self.isPath($0) } }
  private var paths: [String] { words.filter { PCIAddress(typed: $0) == nil && Self.isPath($0) } }

  /// Whether the argument is a path of manifests. Any other word is an interface name.
  private static func isPath(_ word: String) -> Bool {
    word == "-" || word.contains("/") || (try? Stat(word)) != nil
  }

  mutating func validate() throws {
    for id in id where Self.id(id) == nil {
      throw ValidationError("'\(printable(id))' is not an id: use a vendor such as 8086, or 8086:10c9")
    }
    if !names.isEmpty, all || free || !driver.isEmpty || !group.isEmpty || !id.isEmpty {
      throw ValidationError("filters cannot be combined with an address or interface")
    }
    if tree, !format.isText {
      throw ValidationError("--tree prints only text; for other formats use pcipass graph")
    }
  }

  private static func id(_ text: String) -> (vendor: UInt16, device: UInt16?)? {
    PCIID(text).map { ($0.vendor, $0.device) } ?? PCIIDHalf(text).map { ($0.value, nil) }
  }

  var outputFormat: OutputFormat { format.format }

  func run(on terminal: Terminal) throws -> ExitStatus {
    let observed = try observation.observed(paths, on: terminal)
    let inventory = Inventory(observed.host, request: observed.request)
    let filter = filter(for: try addresses(on: observed.host.state))
    let rendering = Rendering(
      text: { text(inventory, filter, observed.host, terminal) },
      json: { DeviceJSON.form.encode(DeviceSelection(inventory, filter)).text + "\n" },
      csv: { DeviceCSV.text(inventory, filter) })
    try terminal.write(rendering, as: format.format)
    terminal.warn(observed.host.state.unreadable.map { Diagnostic(.warning, code: "unreadable", $0) })
    return .success
  }

  /// The addresses of the functions that the arguments name.
  private func addresses(on state: HostState) throws(Diagnostics) -> [PCIAddress] {
    var result: [PCIAddress] = []
    for name in names {
      let found = state.functions.filter { function in
        function.address == PCIAddress(typed: name) || function.interfaces.contains { $0.name == name }
          || function.remembered?.interface == name
      }
      guard !found.isEmpty else {
        // No similar address is suggested, because an address that differs in one digit is another
        // slot.
        let known =
          PCIAddress(typed: name) == nil ? state.functions.flatMap { $0.interfaces.map(\.name) } : []
        throw Diagnostics(
          code: "no-function", "this host has no function or interface \(printable(name))",
          help: nearest(to: name, among: known).map { "did you mean \(printable($0))?" }
            ?? "list all functions: pcipass devices --all")
      }
      result += found.map(\.address)
    }
    return result
  }

  private func filter(for addresses: [PCIAddress]) -> InventoryFilter {
    var filter = InventoryFilter()
    filter.isForAll = all
    filter.addresses = Set(addresses)
    filter.drivers = Set(driver)
    filter.groups = Set(group)
    filter.ids = id.compactMap(Self.id)
    filter.isAvailable = free
    return filter
  }

  private func text(
    _ inventory: Inventory, _ filter: InventoryFilter, _ host: HostIndex, _ terminal: Terminal
  ) -> String {
    let style = terminal.outputStyle
    if tree {
      let shown = Set(inventory.devices.filter(filter.includes).map(\.function.address))
      let topology = Topology(host, isForAll: all).only { shown.contains($0.address) }
      return GraphText(style: style, width: table.width(on: terminal)).text(topology)
    }
    if names.isEmpty {
      return DeviceTable(style: style, width: table.width(on: terminal)).text(inventory, filter)
    }
    return inventory.devices.filter(filter.includes)
      .map { DeviceDetails(style: style).text($0, unknown: inventory.unknown) }.joined(separator: "\n")
  }
}

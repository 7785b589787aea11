import Documents
import Glibc
import HostModel
import Hosts
import Testing

/// A small host in a temporary folder, built up by a test and removed after it.
final class SysfsTree {
  let root: String

  init() throws {
    var template = Array("/tmp/pcipass-tree-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(code: errno) }
    root = String(cString: made)
    try write("proc/sys/kernel/hostname", "hv01\n")
    try write("proc/sys/kernel/osrelease", "6.12.0\n")
    try folder("sys/bus/pci/devices")
    try folder("sys/bus/pci/drivers/vfio-pci")
    try write("proc/net/route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n")
    try write("ip-address.json", "[]")
  }

  deinit {
    // The folder must be removable whatever permissions a test has removed.
    _ = run("/bin/chmod", ["-R", "u+rwX", root])
    _ = run("/bin/rm", ["-rf", root])
  }

  struct Failure: Error {
    var code: CInt
  }

  func folder(_ path: String) throws {
    var made = root
    for part in divided(path, at: "/") where !part.isEmpty {
      made += "/" + part
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw Failure(code: errno) }
    }
  }

  func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

  func write(_ path: String, _ bytes: [UInt8]) throws {
    try folder(parent(path))
    guard let file = fopen(root + "/" + path, "w") else { throw Failure(code: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(code: errno) }
  }

  func link(_ path: String, to target: String) throws {
    try folder(parent(path))
    unlink(root + "/" + path)
    guard symlink(target, root + "/" + path) == 0 else { throw Failure(code: errno) }
  }

  func remove(_ path: String) { _ = run("/bin/rm", ["-rf", root + "/" + path]) }

  private func parent(_ path: String) -> String {
    divided(path, at: "/").dropLast().joined(separator: "/")
  }

  @discardableResult
  func run(_ program: String, _ arguments: [String]) -> CInt {
    var process: pid_t = 0
    let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var status: CInt = -1
    if posix_spawn(&process, program, nil, nil, words, environ) == 0 { waitpid(process, &status, 0) }
    return status
  }
}

extension SysfsTree {
  static let bus = "pci0000:00/0000:00:01.0"

  /// Adds a function below the bridge 0000:00:01.0, with a link to it as in the kernel; returns its
  /// path.
  @discardableResult
  func function(
    _ address: String, id: String = "8086:10C9", deviceClass: String = "20000", driver: String? = nil,
    override: String = "(null)", group: Int? = nil
  ) throws -> String {
    let path = "sys/devices/\(Self.bus)/\(address)"
    try write(path + "/uevent", "PCI_CLASS=\(deviceClass)\nPCI_ID=\(id)\nPCI_SUBSYS_ID=8086:A03C\n")
    try write(path + "/driver_override", override + "\n")
    if let driver {
      try folder("sys/bus/pci/drivers/\(driver)")
      try link(path + "/driver", to: "../../../../bus/pci/drivers/\(driver)")
    }
    if let group { try link(path + "/iommu_group", to: "../../../../kernel/iommu_groups/\(group)") }
    try link("sys/bus/pci/devices/\(address)", to: "../../../devices/\(Self.bus)/\(address)")
    return path
  }

  func interface(_ name: String, of function: String, place: String = "net") throws {
    let path = function + "/\(place)/" + name
    try write(path + "/address", "90:e2:ba:00:d1:c2\n")
    try write(path + "/addr_assign_type", "0\n")
    try write(path + "/flags", "0x1003\n")
    try write(path + "/carrier", "1\n")
    try write(path + "/speed", "1000\n")
    try link("sys/class/net/" + name, to: "../../" + path.dropFirst(4))
  }

  /// Adds a virtual interface above the given ones.
  func virtual(_ name: String, type: String? = nil, folder: String? = nil, above lowers: String...) throws {
    let path = "sys/devices/virtual/net/" + name
    try write(path + "/uevent", (type.map { "DEVTYPE=\($0)\n" } ?? "") + "INTERFACE=\(name)\n")
    if let folder { try self.folder(path + "/" + folder) }
    try link("sys/class/net/" + name, to: "../../devices/virtual/net/" + name)
    for lower in lowers { try link(lower + "/upper_" + name, to: "../../whatever/" + name) }
  }

  /// Reads the tree, and verifies that the state can be encoded and decoded.
  func read(hostName: String? = nil, identities: IdentityStore = IdentityStore()) throws -> HostReadResult {
    let reading = try HostReader(
      root: root, hostName: hostName, identities: identities, libvirt: .unavailable("not asked"),
      qemu: .unavailable("not asked")
    ).read()
    let source = Source(name: "snapshot", text: HostState.form.encode(reading.state).text)
    let written = try HostState.form.value(of: JSONReader.document(of: source), from: source)
    #expect(written == reading.state)
    return reading
  }

  func readFunction(_ address: String, identities: IdentityStore = IdentityStore()) throws -> PCIFunction {
    let address = try #require(PCIAddress(address))
    return try #require(try read(identities: identities).state[address])
  }
}

/// Returns configuration space with a chain of extended capabilities: offset, id, offset of the
/// next.
func config(
  size: Int = 4096, _ capabilities: [(offset: Int, id: UInt32, next: Int)], serial: UInt64 = 0
) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: size)
  func put(_ value: UInt64, _ count: Int, at offset: Int) {
    for index in 0..<count where offset + index < size {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }
  for capability in capabilities {
    put(UInt64(capability.id | 1 << 16 | UInt32(capability.next) << 20), 4, at: capability.offset)
    if capability.id == 3 { put(serial, 8, at: capability.offset + 4) }
  }
  return bytes
}

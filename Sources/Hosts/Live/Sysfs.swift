import Files
import Glibc
import HostModel
import Planning
import SystemPackage

/// The files of `/sys/bus/pci` through which functions are bound to drivers (Linux,
/// Documentation/ABI/testing/sysfs-bus-pci).
///
/// Reads throw `HostFailure(.unreadable)`. Writes throw `.refused` with the error of the kernel, or `.stuck`
/// if they have not ended within the deadline.
struct Sysfs: DriverFiles, Sendable {
  let reader: HostReader
  /// The time after which a write is abandoned.
  let deadline: Duration
  /// Is called before each write to the kernel and each program that is run.
  var trace: @Sendable (String) -> Void
  let helper: KernelHelper

  init(
    reader: HostReader, deadline: Duration, lock: CInt? = nil,
    trace: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.reader = reader
    self.deadline = deadline
    self.trace = trace
    helper = KernelHelper(lock: lock)
  }

  private static let bus = "/sys/bus/pci"

  private func folder(_ address: PCIAddress) -> String { "\(Self.bus)/devices/\(address)" }

  func binding(of address: PCIAddress) throws(HostFailure) -> Binding {
    Binding(driver: try driver(of: address), override: try driverOverride(of: address))
  }

  func holders(of addresses: [PCIAddress]) -> [PCIAddress: Observed<[Holder]>] {
    reader.holders(of: addresses)
  }

  private func driver(of address: PCIAddress) throws(HostFailure) -> String? {
    guard let name = try link("driver", of: address) else { return nil }
    guard isFileName(name) else {
      throw HostFailure(.unreadable, "the driver of \(address) has an invalid name: \(name)")
    }
    return name
  }

  private func driverOverride(of address: PCIAddress) throws(HostFailure) -> String? {
    // Kernels before 3.16 have no `driver_override`. Without an override the file reads `(null)`.
    let text = try text("driver_override", of: address)
    return text == "" || text == "(null)" ? nil : text
  }

  /// The last component of the target of a link in the function's folder; nil if there is no such link.
  func link(_ name: String, of address: PCIAddress) throws(HostFailure) -> String? {
    let path = folder(address) + "/" + name
    let target: String
    do throws(Errno) { target = try Folder.link(at: path) } catch {
      // A missing link means "none" only if the device itself still exists.
      if error == .noSuchFileOrDirectory, access(folder(address), F_OK) == 0 { return nil }
      throw HostFailure(.unreadable, "\(path): \(error)")
    }
    return target.split(separator: "/").last.map(String.init) ?? ""
  }

  /// The first line of a file in the function's folder; nil if there is no such file.
  func text(_ name: String, of address: PCIAddress) throws(HostFailure) -> String? {
    let path = folder(address) + "/" + name
    do {
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
      defer { try? descriptor.close() }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    } catch let error as Errno {
      if error == .noSuchFileOrDirectory { return nil }
      throw HostFailure(.unreadable, "\(path): \(error)")
    } catch {
      throw HostFailure(.unreadable, path)
    }
  }

  /// The names in a folder below the function's folder; empty if there is no such folder.
  func names(in name: String, of address: PCIAddress) throws(HostFailure) -> [String] {
    let path = folder(address) + "/" + name
    do throws(Errno) { return try Folder(at: path).names() } catch {
      if error == .noSuchFileOrDirectory { return [] }
      throw HostFailure(.unreadable, "\(path): \(error)")
    }
  }

  /// Writes the name of the driver, or only a newline, which clears the override.
  func setOverride(_ driver: String?, of address: PCIAddress) throws(HostFailure) {
    try write((driver ?? "") + "\n", to: folder(address) + "/driver_override")
  }

  func unbind(_ address: PCIAddress) throws(HostFailure) {
    try write("\(address)", to: folder(address) + "/driver/unbind")
  }

  /// Makes the kernel probe for a driver. The write succeeds even if no driver matches.
  func probe(_ address: PCIAddress) throws(HostFailure) {
    try write("\(address)", to: Self.bus + "/drivers_probe")
  }

  /// Writes a file in the function's folder.
  func write(_ text: String, to name: String, of address: PCIAddress) throws(HostFailure) {
    try write(text, to: folder(address) + "/" + name)
  }

  // MARK: By new_id

  func hasOverride(_ address: PCIAddress) throws(HostFailure) -> Bool {
    try text("driver_override", of: address) != nil
  }

  func id(of address: PCIAddress) throws(HostFailure) -> PCIID {
    let halves = [try text("vendor", of: address), try text("device", of: address)]
    guard let id = PCIID(halves.map { $0 ?? "" }.joined(separator: ":")) else {
      throw HostFailure(.unreadable, "the ids of \(address) are invalid: \(halves)")
    }
    return id
  }

  func unboundFunctions(_ id: PCIID) throws(HostFailure) -> [PCIAddress] {
    let names: [String]
    do throws(Errno) { names = try Folder(at: Self.bus + "/devices").names(upTo: 65536) } catch {
      throw HostFailure(.unreadable, "\(Self.bus)/devices: \(error)")
    }
    var found: [PCIAddress] = []
    for address in names.compactMap({ PCIAddress($0) }).sorted() {
      if try self.id(of: address) == id, try driver(of: address) == nil { found.append(address) }
    }
    return found
  }

  func addID(_ id: PCIID, to driver: String) throws(HostFailure) -> Bool {
    try write(id.words, to: "\(Self.bus)/drivers/\(driver)/new_id", unless: .fileExists)
  }

  func removeID(_ id: PCIID, from driver: String) throws(HostFailure) {
    try write(id.words, to: "\(Self.bus)/drivers/\(driver)/remove_id")
  }

  func bind(_ address: PCIAddress, by driver: String) throws(HostFailure) {
    try write("\(address)", to: "\(Self.bus)/drivers/\(driver)/bind")
  }

  private func write(_ text: String, to path: String) throws(HostFailure) {
    _ = try write(text, to: path, unless: nil)
  }

  /// - Parameter expected: an error of the kernel that is not a failure here.
  /// - Returns: false if the kernel returned the expected error.
  private func write(_ text: String, to path: String, unless expected: Errno?) throws(HostFailure) -> Bool {
    let words = text.filter { $0 != "\n" }
    trace("write \(words.isEmpty ? "nothing" : words) to \(path)")
    switch helper.write(text, to: path, within: deadline) {
    case .done: return true
    case .failed(let error) where error == expected: return false
    case .failed(let error):
      throw HostFailure(
        .refused, "writing \(words) to \(path): \(error)",
        help: error == .permissionDenied || error == .notPermitted ? "run as root" : nil)
    case .timedOut:
      throw HostFailure(
        .stuck, "writing to \(path) did not finish within \(deadline.milliseconds) ms",
        help: "the kernel waits for a user of the device; the write continues and cannot be cancelled")
    case .lost(let error): throw HostFailure(.refused, "the helper process that writes failed: \(error)")
    }
  }
}

extension PCIID {
  /// The format of `new_id` and `remove_id`: `8086 10c9`.
  fileprivate var words: String { "\(PCIIDHalf(vendor)) \(PCIIDHalf(device))" }
}

import Files
import Glibc
import HostModel
import SystemPackage

/// The path of an interface in the folder of its function: `net/eth0` or `virtio2/net/eth0`.
struct InterfaceLocation: Sendable {
  var name: String
  var path: String
}

/// An interface as read from its sysfs folder (Linux, Documentation/ABI/testing/sysfs-class-net).
struct InterfaceRecord: Sendable {
  var name: String
  var mac: MACAddress?
  /// The source of the MAC address (`addr_assign_type`); nil if it could not be read.
  var addressType: AddressType?
  var isUp: Bool?
  var hasCarrier: Bool?
  /// In Mbit/s; nil if it is unknown.
  var speed: Int?
  /// The names of the interfaces directly above it; nil if the folder could not be listed.
  var uppers: [String]?

  /// NET_ADDR_PERM, NET_ADDR_RANDOM, NET_ADDR_STOLEN and NET_ADDR_SET of `linux/netdevice.h`.
  enum AddressType: Int, Sendable { case permanent, random, stolen, set }

  /// Reads an interface. What cannot be read is added to `problems`.
  static func read(
    _ place: InterfaceLocation, in device: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems
  ) -> InterfaceRecord {
    var interface = InterfaceRecord(name: place.name)
    do {
      var names = place.path.split(separator: "/").map(String.init)[...]
      var folder = try device.folder(names.popFirst() ?? ".")
      while let name = names.popFirst() { folder = try folder.folder(name) }
      interface.read(folder, place, scratch, &problems)
    } catch { problems.add(place.path, error) }
    return interface
  }

  private mutating func read(
    _ folder: borrowing Folder, _ place: InterfaceLocation, _ scratch: Scratch, _ problems: inout Problems
  ) {
    func value<Value>(
      _ file: String, _ problems: inout Problems, silent: Errno? = nil, parse: (Bytes) -> Value?
    ) -> Value? {
      do {
        let bytes = try folder.read(file, scratch).trimmed
        if let value = parse(bytes) { return value }
        problems.addInvalid(place.path + "/" + file, bytes)
      } catch {
        if error != silent { problems.add(place.path + "/" + file, error) }
      }
      return nil
    }
    mac = value("address", &problems) { Self.address($0) } ?? nil
    addressType = value("addr_assign_type", &problems, silent: .noSuchFileOrDirectory) {
      $0.decimal.flatMap(AddressType.init)
    }
    isUp = value("flags", &problems) { $0.prefixedHexadecimal.map { $0 & 1 != 0 } }
    do { uppers = try UpperInterfaces.read(folder, scratch) } catch { problems.add(place.path, error) }
    // `carrier` and `speed` of an interface that is down fail with EINVAL, as does `speed` of some drivers.
    guard isUp != false else { return }
    hasCarrier = value("carrier", &problems, silent: .invalidArgument) { $0.decimal.map { $0 != 0 } }
    let speed = value("speed", &problems, silent: .invalidArgument) { Self.speed($0) }
    self.speed = speed ?? nil
  }

  /// The outer optional is nil for text that is not an address. The inner one is nil for an address that is
  /// not of Ethernet, such as the 20 bytes of InfiniBand.
  private static func address(_ bytes: Bytes) -> MACAddress?? {
    if bytes.count == 17, let mac = MACAddress(bytes.text) { return mac }
    let isOther =
      bytes.count != 17 && bytes.count % 3 == 2
      && bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .allSatisfy { $0.count == 2 && Bytes(rebasing: $0).hexadecimal != nil }
    return isOther || bytes.isEmpty ? .some(nil) : nil
  }

  private static func speed(_ bytes: Bytes) -> Int?? {
    // The kernel shows -1 for an unknown speed, and old kernels show 4294967295.
    if bytes.isEqual(to: "-1") || bytes.isEqual(to: "4294967295") { return .some(nil) }
    return bytes.decimal.flatMap { $0 <= 10_000_000 ? .some(.some($0)) : nil }
  }
}

/// The interfaces directly above another one. They use it, whatever their kind.
enum UpperInterfaces {
  static func read(_ folder: borrowing Folder, _ scratch: Scratch) throws(Errno) -> [String] {
    var names: Set<String> = []
    var hasMaster = false
    try folder.entries { entry in
      let entry = Bytes(cString: entry)
      if entry.isEqual(to: "master") { hasMaster = true }
      if entry.hasPrefix("upper_") {
        names.insert(entry.dropping(6).text)
      }
      return names.count < 4096
    }
    // The kernel also has an `upper_` link for each master. A captured tree may contain only `master`.
    if hasMaster, let link = try folder.linkIfPresent("master", scratch) {
      names.insert(link.lastComponent.text)
    }
    return names.sorted()
  }
}

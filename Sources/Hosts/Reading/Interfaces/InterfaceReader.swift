import Files
import Glibc
import HostModel
import SystemPackage

/// Where an interface is in its function's folder: `net/eth0`, or `virtio2/net/eth0`.
struct InterfacePlace: Sendable {
  var name: String
  var path: String
}

/// What an interface's own folder tells.
struct ReadInterface: Sendable {
  var name: String
  var mac: MACAddress?
  /// The address is the hardware's own (NET_ADDR_PERM); nil where that could not be read.
  var addressType: AddressType?
  var isUp: Bool?
  var hasCarrier: Bool?
  var speed: Int?
  /// Interfaces directly above it; nil where the folder could not be listed.
  var uppers: [String]?

  enum AddressType: Int, Sendable { case permanent, random, stolen, set }

  static func read(
    _ place: InterfacePlace, in device: borrowing Folder, _ scratch: Scratch, _ problems: inout Problems
  ) -> ReadInterface {
    var interface = ReadInterface(name: place.name)
    do {
      var names = place.path.split(separator: "/").map(String.init)[...]
      var folder = try device.folder(names.popFirst() ?? ".")
      while let name = names.popFirst() { folder = try folder.folder(name) }
      interface.read(folder, place, scratch, &problems)
    } catch { problems.add(place.path, error) }
    return interface
  }

  private mutating func read(
    _ folder: borrowing Folder, _ place: InterfacePlace, _ scratch: Scratch, _ problems: inout Problems
  ) {
    func value<Value>(
      _ file: String, _ problems: inout Problems, silent: Errno? = nil, parse: (Bytes) -> Value?
    ) -> Value? {
      do {
        let bytes = try folder.read(file, scratch).trimmed
        if let value = parse(bytes) { return value }
        problems.addNonsense(place.path + "/" + file, bytes)
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
    do { uppers = try Uppers.read(folder, scratch) } catch { problems.add(place.path, error) }
    // While it is down the kernel cannot tell, and says EINVAL; so it does of some drivers' interfaces.
    guard isUp != false else { return }
    hasCarrier = value("carrier", &problems, silent: .invalidArgument) { $0.decimal.map { $0 != 0 } }
    let speed = value("speed", &problems, silent: .invalidArgument) { Self.speed($0) }
    self.speed = speed ?? nil
  }

  /// Nonsense is nil; an address that is none of Ethernet's (InfiniBand's has 20 bytes) is known to be none.
  private static func address(_ bytes: Bytes) -> MACAddress?? {
    if bytes.count == 17, let mac = MACAddress(bytes.text) { return mac }
    let isOther =
      bytes.count != 17 && bytes.count % 3 == 2
      && bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        .allSatisfy { $0.count == 2 && Bytes(rebasing: $0).hexadecimal != nil }
    return isOther || bytes.isEmpty ? .some(nil) : nil
  }

  private static func speed(_ bytes: Bytes) -> Int?? {
    // -1, or 4294967295 on old kernels: unknown.
    if bytes.isEqual(to: "-1") || bytes.isEqual(to: "4294967295") { return .some(nil) }
    return bytes.decimal.flatMap { $0 <= 10_000_000 ? .some(.some($0)) : nil }
  }
}

/// The interfaces stacked directly above one. Whatever they are called, they use it.
enum Uppers {
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
    // Always one of the above, as the kernel makes them; a captured tree may have kept only this.
    if hasMaster, let link = try folder.linkIfPresent("master", scratch) {
      names.insert(link.lastComponent.text)
    }
    return names.sorted()
  }
}

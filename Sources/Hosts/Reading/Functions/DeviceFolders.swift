import Files
import Glibc
import HostModel
import SystemPackage

/// Opens the folders of devices below `/sys/devices`, to which the links in `/sys/bus` and `/sys/class` lead.
/// The links are read and not followed, because in a captured tree they could lead to the real host.
struct DeviceFolders: ~Copyable {
  private let devices: SharedFolder?
  /// The open folders above the last device, from the root complex down. Devices are read in bus order, so
  /// the next one is often below the same folders.
  private var parents: [(name: [UInt8], folder: SharedFolder)] = []

  /// - Parameter devices: `/sys/devices`; nil if it could not be opened.
  init(_ devices: SharedFolder?) {
    self.devices = devices
  }

  /// The folder that a link leads to.
  ///
  /// - Parameters:
  ///   - link: the content of the link, in the scratch memory.
  ///   - steps: the number of `../` at its start.
  /// - Throws: `.notPermitted` if the link does not lead to a device below `/sys/devices`.
  mutating func folder(
    of link: Bytes, climbing steps: Int, _ scratch: Scratch
  ) throws(Errno) -> DeviceFolder {
    var rest = link
    for _ in 0..<steps {
      guard rest.hasPrefix("../") else { throw .notPermitted }
      rest = rest.dropping(3)
    }
    guard rest.hasPrefix("devices/"), rest.count < Int(PATH_MAX) else { throw .notPermitted }
    let path = rest.dropping(8)
    guard isBelow(path) else { throw .notPermitted }
    let name = path.lastComponent
    let above = Bytes(rebasing: path[..<max(0, path.count - name.count - 1)])
    // The end of the link is used as the C string of the name, so a zero is written after it in the scratch
    // memory.
    guard link.count < scratch.capacity else { throw .fileNameTooLong }
    scratch.start[link.count] = 0
    guard let start = name.baseAddress else { throw .notPermitted }
    let folder = try start.withMemoryRebound(to: CChar.self, capacity: name.count + 1) {
      (name) throws(Errno) in
      guard let parent = try parentFolder(above) else { throw .noSuchFileOrDirectory }
      return try parent.folder.folder(name)
    }
    return DeviceFolder(folder: folder, path: path)
  }

  /// The folder above a device. Folders that it shares with the previous device are open already.
  private mutating func parentFolder(_ path: Bytes) throws(Errno) -> SharedFolder? {
    var rest = path
    var depth = 0
    while !rest.isEmpty {
      let before = rest
      let name = Bytes.cut(&rest, at: UInt8(ascii: "/"))
      if depth < parents.count, name.isEqual(to: parents[depth].name) {
        depth += 1
      } else {
        rest = before
        break
      }
    }
    parents.removeSubrange(depth...)
    while !rest.isEmpty {
      let name = Bytes.cut(&rest, at: UInt8(ascii: "/"))
      guard let above = parents.last?.folder ?? devices else { break }
      parents.append((Array(name), SharedFolder(try above.folder.folder(name.text))))
    }
    return parents.last?.folder ?? devices
  }

  /// Whether each component is a plain name: not empty, `.` or `..`.
  private func isBelow(_ path: Bytes) -> Bool {
    var rest = path
    while true {
      let isLast = rest.index(of: UInt8(ascii: "/")) == nil
      let name = Bytes.cut(&rest, at: UInt8(ascii: "/"))
      if name.isEmpty || name.count > 255 || name.isEqual(to: ".") || name.isEqual(to: "..")
        || name.index(of: 0) != nil
      {
        return false
      }
      if isLast { return true }
    }
  }
}

/// The folder of a device, and its path below `/sys/devices`. The path is valid as long as the scratch memory
/// holds the link.
struct DeviceFolder: ~Copyable {
  let folder: Folder
  let path: Bytes
}

/// A folder with several owners.
final class SharedFolder: Sendable {
  let folder: Folder

  init(_ folder: consuming Folder) { self.folder = folder }
}

extension PCIAddress {
  init?(_ bytes: Bytes) {
    // The length is checked first, because the bytes may be anything.
    guard (12...16).contains(bytes.count) else { return nil }
    self.init(bytes.text)
  }
}

/// The PCI function nearest to the target of a link, the rest of the path below it, and whether that rest
/// goes through a USB bus.
func nearestFunction(_ link: Bytes) -> (PCIAddress, rest: Bytes, isUSB: Bool)? {
  var rest = link
  var found: (PCIAddress, Bytes, Bool)?
  while !rest.isEmpty {
    let name = Bytes.cut(&rest, at: UInt8(ascii: "/"))
    if let address = PCIAddress(name) { found = (address, rest, false) }
    if name.hasPrefix("usb") { found?.2 = true }
  }
  return found
}

/// Whether a path consists only of a root complex, bridges and a function. Manifests can select by such a
/// path. Paths behind Intel VMD, Hyper-V or platform buses are different.
func isPCIPath(_ path: Bytes) -> Bool {
  var rest = path
  var root = Bytes.cut(&rest, at: UInt8(ascii: "/"))
  guard root.hasPrefix("pci"), !rest.isEmpty else { return false }
  root = root.dropping(3)
  let domain = Bytes.cut(&root, at: UInt8(ascii: ":"))
  guard (4...8).contains(domain.count), domain.hexadecimal != nil, root.count == 2, root.hexadecimal != nil
  else { return false }
  var depth = 0
  while !rest.isEmpty {
    depth += 1
    guard depth <= 32, PCIAddress(Bytes.cut(&rest, at: UInt8(ascii: "/"))) != nil else { return false }
  }
  return path.last != UInt8(ascii: "/")
}

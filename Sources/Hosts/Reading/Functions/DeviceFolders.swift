import Files
import Glibc
import HostModel
import SystemPackage

/// Opens devices by the links of `/sys/bus` and `/sys/class`, which lead to `/sys/devices`. The links are
/// read, never followed: in a captured tree they could lead to the real host.
struct DeviceFolders: ~Copyable {
  private let devices: SharedFolder?
  /// The folders above the last device, from the root complex down. Devices of one bus come one after the
  /// other, and buses of one root complex too.
  private var parents: [(name: [UInt8], folder: SharedFolder)] = []

  /// - Parameter devices: `/sys/devices`, where it could be opened.
  init(_ devices: SharedFolder?) {
    self.devices = devices
  }

  /// The folder to which a link of that many `../` leads, and its path below `/sys/devices`.
  ///
  /// - Throws: `.notPermitted` where the link does not lead to a device.
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
    // The link's own end becomes the name: the scratch memory has room for the zero behind it.
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

  /// The folder above a device: what it shares with the last one's is open already.
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

  /// Only names, none of them a way back up.
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

/// A device's folder, and its path below `/sys/devices` as long as the scratch memory holds the link.
struct DeviceFolder: ~Copyable {
  let folder: Folder
  let path: Bytes
}

/// A folder that several hold.
final class SharedFolder: Sendable {
  let folder: Folder

  init(_ folder: consuming Folder) { self.folder = folder }
}

extension PCIAddress {
  init?(_ bytes: Bytes) {
    // Nothing longer is looked at: the name may be anything.
    guard (12...16).contains(bytes.count) else { return nil }
    self.init(bytes.text)
  }
}

/// The PCI function nearest to what a link leads to, the rest of the way from there, and whether that goes
/// over USB.
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

/// Whether a path is one of root complex, bridges and function only. Others exist (behind Intel's VMD,
/// Hyper-V, platform buses), but they are no `path` that a manifest could select.
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

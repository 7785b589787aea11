import Files
import Glibc
import HostModel
import SystemPackage

/// `/sys/class/net`: the interfaces of the network namespace in which sysfs was mounted.
struct InterfaceClass: ~Copyable {
  private let folder: SharedFolder?
  /// The interfaces of each PCI function, with their paths in the function's folder. Interfaces behind virtio
  /// and other buses are not in the function's own `net` folder. Nil if the class does not show the devices
  /// of interfaces.
  private(set) var places: [PCIAddress: [InterfaceLocation]]?

  init(_ tree: borrowing Tree, _ scratch: Scratch) {
    folder = try? SharedFolder(tree.folder("sys/class/net"))
    guard let folder else { return }
    var found: [(PCIAddress, InterfaceLocation)] = []
    var (isEmpty, hasPlainFolder) = (true, false)
    // The bytes of the names are compared, because a name need not be valid UTF-8, and an interface that is
    // left out would look unused.
    let isRead: Void? = try? folder.folder.entries { name in
      isEmpty = false
      guard let link = try? folder.folder.link(name, scratch) else {
        // In trees made by hand the entry is a folder and does not show its device. `bonding_masters` is a
        // file.
        hasPlainFolder = (try? folder.folder.folder(name)) != nil
        return !hasPlainFolder
      }
      // An interface behind a USB controller is not a PCI NIC.
      if let (address, rest, isUSB) = nearestFunction(link), !isUSB,
        rest.lastComponent.elementsEqual(Bytes(cString: name))
      {
        found.append((address, InterfaceLocation(name: String(cString: name), path: rest.text)))
      }
      return true
    }
    guard isRead != nil, !isEmpty, !hasPlainFolder else { return }
    var places: [PCIAddress: [InterfaceLocation]] = [:]
    for (address, place) in found.sorted(by: { $0.1.name < $1.1.name }) {
      places[address, default: []].append(place)
    }
    self.places = places
  }

  /// The kind of an interface, and the names of those directly above it. Nil if its folder cannot be read.
  borrowing func upper(
    _ name: String, _ devices: inout DeviceFolders, _ scratch: Scratch
  ) -> (kind: HostUse.Kind?, uppers: [String])? {
    guard let folder, isFileName(name) else { return nil }
    do {
      let link = try folder.folder.link(name, scratch)
      let found = try devices.folder(of: link, climbing: 2, scratch)
      return (Self.kind(found.folder, scratch), try UpperInterfaces.read(found.folder, scratch))
    } catch {
      guard error == .invalidArgument else { return nil }
    }
    do {
      let found = try folder.folder.folder(name)
      return (Self.kind(found, scratch), try UpperInterfaces.read(found, scratch))
    } catch { return nil }
  }

  private static func kind(_ folder: borrowing Folder, _ scratch: Scratch) -> HostUse.Kind? {
    if folder.has("bridge") { return .bridge }
    if folder.has("bonding") { return .bond }
    guard var rest = try? folder.read("uevent", scratch) else { return nil }
    while !rest.isEmpty {
      let line = Bytes.cut(&rest, at: UInt8(ascii: "\n"))
      if line.hasPrefix("DEVTYPE=") { return HostUse.Kind(linkKind: line.dropping(8).text) }
    }
    return nil
  }
}

extension HostUse.Kind {
  /// The kind for the kernel's name of a kind of link (IFLA_INFO_KIND, or DEVTYPE in `uevent`); nil for
  /// others.
  init?(linkKind: String) {
    switch linkKind {
    case "bridge": self = .bridge
    case "bond": self = .bond
    case "team": self = .team
    case "vlan": self = .vlan
    case "macvlan", "macvtap": self = .macvlan
    case "ipvlan", "ipvtap": self = .ipvlan
    case _ where LinkRecord.tunnels[linkKind] != nil: self = .tunnel
    default: return nil
    }
  }
}

import Files
import HostModel

/// A device file through which a process uses a function.
enum DeviceFile: Hashable {
  /// A VFIO group: `/dev/vfio/8`, or `/dev/vfio/noiommu-8` without an IOMMU.
  case group(Int, isWithoutIOMMU: Bool)
  /// The VFIO device of one function: `/dev/vfio/devices/vfio3`.
  case device(Int)
  /// An InfiniBand device: `/dev/infiniband/uverbs0`, `umad0` or `issm0`. Its function keeps its native
  /// driver.
  case infiniBand(String)
}

extension DeviceFile {
  /// Parses the target of a link in `/proc/PID/fd`. The kernel appends ` (deleted)` if the device was removed
  /// since. Nil for other files.
  init?(_ link: Bytes) {
    guard link.hasPrefix("/dev/") else { return nil }
    var rest = link.dropping(5)
    rest = Bytes.cut(&rest, at: UInt8(ascii: " "))
    if rest.hasPrefix("infiniband/") {
      let name = rest.dropping(11)
      guard name.hasPrefix("uverbs") || name.hasPrefix("umad") || name.hasPrefix("issm") else { return nil }
      self = .infiniBand(name.text)
      return
    }
    guard rest.hasPrefix("vfio/") else { return nil }
    rest = rest.dropping(5)
    let number: Int?
    if rest.hasPrefix("devices/vfio") {
      number = rest.dropping(12).decimal
      self = .device(number ?? 0)
    } else {
      let isWithoutIOMMU = rest.hasPrefix("noiommu-")
      number = rest.dropping(isWithoutIOMMU ? 8 : 0).decimal
      self = .group(number ?? 0, isWithoutIOMMU: isWithoutIOMMU)
    }
    if number == nil { return nil }
  }

  /// The path for messages. Nil for a group with an IOMMU and for a VFIO device, whose numbers mean nothing
  /// to an operator.
  var path: String? {
    switch self {
    case .group(let number, isWithoutIOMMU: true): "/dev/vfio/noiommu-\(number)"
    case .infiniBand(let name): "/dev/infiniband/" + name
    case .group, .device: nil
    }
  }
}

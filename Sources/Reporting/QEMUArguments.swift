import HostModel

/// The devices of a guest as arguments for the start of QEMU
/// (https://www.qemu.org/docs/master/system/invocation.html, -device and -readconfig).
public struct QEMUArguments: Sendable {
  private let devices: [DeviceOption]

  private struct DeviceOption {
    let driver: String
    let id: String
    let values: [(name: String, value: String)]
  }

  /// - Parameters:
  ///   - model: the device model for host functions.
  ///   - hasRootPorts: whether each device gets its own root port, so that it can be hot-unplugged. This is
  ///     for PCI Express machines such as q35.
  public init(_ hostdevs: [Hostdev], model: String, hasRootPorts: Bool) {
    var devices: [DeviceOption] = []
    for (index, hostdev) in hostdevs.enumerated() {
      let id = hostdev.alias ?? ""
      var values = [("host", "\(hostdev.address)")]
      if hasRootPorts {
        // The id of the port is also the name of its bus. The chassis number must be unique.
        let port = "port." + id
        devices.append(
          DeviceOption(driver: "pcie-root-port", id: port, values: [("chassis", "\(101 + index)")]))
        values.append(("bus", port))
      }
      devices.append(DeviceOption(driver: model, id: id, values: values))
    }
    self.devices = devices
  }

  /// One line for each device: `-device vfio-pci,host=…,id=…`.
  public var commandLine: String {
    devices.map { device in
      "-device \(device.driver),"
        + ([("id", device.id)] + device.values).map { "\($0.0)=\($0.1)" }.joined(separator: ",") + "\n"
    }.joined()
  }

  /// The same devices as a file for `-readconfig`.
  public var file: String {
    devices.map { device in
      "[device \"\(device.id)\"]\n"
        + ([("driver", device.driver)] + device.values).map { "  \($0.0) = \"\($0.1)\"\n" }.joined()
    }.joined(separator: "\n")
  }
}

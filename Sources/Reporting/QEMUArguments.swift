import HostModel

/// The devices of a guest as QEMU takes them at its start (https://www.qemu.org/docs/master/system/invocation.html,
/// -device and -readconfig).
public struct QEMUArguments: Sendable {
  private let devices: [Device]

  private struct Device {
    let driver: String
    let id: String
    let values: [(name: String, value: String)]
  }

  /// - Parameters:
  ///   - model: the device model for functions of the host.
  ///   - hasRootPorts: each gets a port of its own, so that it can leave while the guest runs; for PCI Express
  ///     machines such as q35.
  public init(_ hostdevs: [Hostdev], model: String, hasRootPorts: Bool) {
    var devices: [Device] = []
    for (index, hostdev) in hostdevs.enumerated() {
      let id = hostdev.alias ?? ""
      var values = [("host", "\(hostdev.address)")]
      if hasRootPorts {
        // Its name is that of its bus. The chassis must be another's for each.
        let port = "port." + id
        devices.append(Device(driver: "pcie-root-port", id: port, values: [("chassis", "\(101 + index)")]))
        values.append(("bus", port))
      }
      devices.append(Device(driver: model, id: id, values: values))
    }
    self.devices = devices
  }

  /// A line for each: `-device vfio-pci,host=…,id=…`
  public var commandLine: String {
    devices.map { device in
      "-device \(device.driver),"
        + ([("id", device.id)] + device.values).map { "\($0.0)=\($0.1)" }.joined(separator: ",") + "\n"
    }.joined()
  }

  /// The same for -readconfig.
  public var file: String {
    devices.map { device in
      "[device \"\(device.id)\"]\n"
        + ([("driver", device.driver)] + device.values).map { "  \($0.0) = \"\($0.1)\"\n" }.joined()
    }.joined(separator: "\n")
  }
}

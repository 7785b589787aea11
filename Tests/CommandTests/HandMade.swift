import Foundation
import Testing

/// Changes a snapshot as JSON.
func change(_ path: String, _ change: (inout [String: Any]) throws -> Void) throws {
  let url = URL(filePath: path)
  var host = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
  try change(&host)
  try JSONSerialization.data(
    withJSONObject: host, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  ).write(to: url)
}

extension TemporaryFolder {
  /// Returns a host on which virsh has assigned one NIC to winxp, which is running, and one to
  /// web-1, which is shut off.
  func handMade() throws -> String {
    let path = try simulated("hv01")
    try change(path) { host in
      var functions = try #require(host["functions"] as? [[String: Any]])
      let index = try #require(functions.firstIndex { $0["address"] as? String == "0000:03:00.0" })
      functions[index]["driver"] = "vfio-pci"
      functions[index]["driverOverride"] = "vfio-pci"
      functions[index]["remembered"] = ["mac": "90:e2:ba:00:cd:ee", "interface": "eth1", "driver": "igb"]
      functions[index]["holders"] = [["process": 4711, "command": "qemu-system-x86"]]
      functions[index].removeValue(forKey: "interfaces")
      host["functions"] = functions
      var guests = try #require(host["libvirt"] as? [[String: Any]])
      for (number, guest) in guests.enumerated() {
        switch guest["name"] as? String {
        case "winxp":
          guests[number]["persistent"] = [["address": "0000:03:00.0"]]
          guests[number]["live"] = [["address": "0000:03:00.0", "alias": "hostdev0"]]
        case "web-1": guests[number]["persistent"] = [["address": "0000:02:00.0"]]
        default: break
        }
      }
      host["libvirt"] = guests
      var kernel = try #require(host["kernel"] as? [String: Any])
      kernel["drivers"] = (kernel["drivers"] as? [String] ?? []) + ["vfio-pci"]
      host["kernel"] = kernel
    }
    return path
  }
}

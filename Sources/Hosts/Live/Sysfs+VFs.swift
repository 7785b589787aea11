import Files
import Glibc
import HostModel
import Planning
import SystemPackage

/// The VFs of this machine. Their number is set through sysfs (Linux, Documentation/PCI/pci-iov-howto.rst),
/// the settings that the PF keeps for each VF through rtnetlink(7).
extension Sysfs: VFFiles {
  /// The VFs in the order of their indices, read from the `virtfnN` links. Reading `sriov_numvfs` instead
  /// blocks while a write to it is blocked.
  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    var result: [PCIAddress] = []
    while let target = try link("virtfn\(result.count)", of: address) {
      guard let function = PCIAddress(target) else {
        throw HostFailure(
          .unreadable, "virtfn\(result.count) of \(address) leads to \(target), which is not a PCI function")
      }
      result.append(function)
    }
    return result
  }

  func autoprobe(of address: PCIAddress) throws(HostFailure) -> Bool? {
    try text("sriov_drivers_autoprobe", of: address).map { $0 != "0" }
  }

  func setAutoprobe(_ isOn: Bool, of address: PCIAddress) throws(HostFailure) {
    try write(isOn ? "1" : "0", to: "sriov_drivers_autoprobe", of: address)
  }

  func setCount(_ count: Int, of address: PCIAddress) throws(HostFailure) {
    try write("\(count)", to: "sriov_numvfs", of: address)
  }

  private var netlink: Netlink { Netlink(helper: helper, deadline: deadline) }

  func settings(ofVFsOf address: PCIAddress) throws(HostFailure) -> [Int: VFSettings] {
    let (name, link) = try link(of: address)
    do throws(Netlink.Failure) { return try netlink.virtualFunctions(of: link) } catch {
      throw HostFailure(
        error.isTimeout ? .stuck : .unreadable, "cannot read the VF settings of \(name): \(error)")
    }
  }

  func set(_ one: VFSettings, of place: VFLocation, by words: [String]) throws(HostFailure)
    -> VFSettingProblem?
  {
    let link = try link(of: place.physicalFunction).link
    guard let problem = set(one, of: place, link, words) else { return nil }
    // igb and ixgbe accept a rate only while the PF has a link, and adding VFs interrupts the link for a
    // moment.
    guard one.rate != nil, !problem.isTimeout, try awaitLink(of: place.physicalFunction) else {
      return problem
    }
    return set(one, of: place, link, words)
  }

  private func set(
    _ one: VFSettings, of place: VFLocation, _ link: Netlink.Link, _ words: [String]
  ) -> VFSettingProblem? {
    trace("rtnetlink: " + words.joined(separator: " "))
    do throws(Netlink.Failure) {
      try netlink.set(one, ofVF: place.index, of: link)
      return nil
    } catch {
      return VFSettingProblem(reason: "\(error)", isTimeout: error.isTimeout)
    }
  }

  /// Sets the interface of a function up.
  ///
  /// - Throws: `.unreadable` if it has none in this network namespace, `.refused` with the error of the kernel,
  ///   `.stuck` if the kernel does not answer.
  func setInterfaceUp(_ address: PCIAddress) throws(HostFailure) {
    let (name, link) = try link(of: address)
    trace("rtnetlink: link set dev \(name) up")
    do throws(Netlink.Failure) { try netlink.setUp(link) } catch {
      throw HostFailure(error.isTimeout ? .stuck : .refused, "link set dev \(name) up: \(error)")
    }
  }

  /// The interface of the PF and its index. The request names the index, because the name may belong to
  /// another interface when the kernel handles the request.
  private func link(of address: PCIAddress) throws(HostFailure) -> (name: String, link: Netlink.Link) {
    let name = try interface(of: address)
    guard let index = try text("net/\(name)/ifindex", of: address).flatMap({ Int($0) }), index > 0 else {
      throw .noInterface(address)
    }
    return (name, .index(index))
  }

  /// Waits up to 10 seconds, the time that link negotiation takes, and returns whether the PF has a link.
  private func awaitLink(of address: PCIAddress) throws(HostFailure) -> Bool {
    let name = "net/" + (try interface(of: address)) + "/carrier"
    let isUp = repeated(for: .seconds(10), every: .milliseconds(100)) { () -> Bool? in
      // Reading `carrier` of an interface that is down fails (Linux, net/core/net-sysfs.c).
      guard let carrier = try? text(name, of: address) else { return false }
      return carrier == "1" ? true : nil
    }
    return isUp ?? false
  }

  /// The interface of the function; the first one by name if there are several.
  ///
  /// - Throws: `HostFailure(.unreadable)` if there is none in this network namespace.
  func interface(of address: PCIAddress) throws(HostFailure) -> String {
    guard let name = try names(in: "net", of: address).sorted().first(where: { isInterfaceName($0) })
    else {
      throw .noInterface(address)
    }
    return name
  }
}

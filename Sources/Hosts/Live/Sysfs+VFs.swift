import Glibc
import HostModel
import Planning
import SystemPackage

/// VFs of this machine: their number by sysfs (Linux, Documentation/PCI/pci-iov-howto.rst), what their PF holds of
/// them by ip(8).
extension Sysfs: VFFiles {
  /// The `virtfn` links, not `sriov_numvfs`: reading that hangs while a writer of it does.
  func virtualFunctions(of address: PCIAddress) throws(HostFailure) -> [PCIAddress] {
    var result: [PCIAddress] = []
    while let target = try link("virtfn\(result.count)", of: address) {
      guard let function = PCIAddress(target) else {
        throw HostFailure(.unreadable, "virtfn\(result.count) of \(address) leads to \(target), no function")
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

  func settings(of place: VFPlace) throws(HostFailure) -> VFSettings {
    let interface = try interface(of: place.physicalFunction)
    do throws(NoAnswer) {
      guard let found = try VFReports.read(of: interface).settings[interface]?[place.index] else {
        throw NoAnswer(reason: "\(interface) tells nothing of its VF \(place.index)")
      }
      return found
    } catch {
      throw HostFailure(.unreadable, error.reason)
    }
  }

  func set(_ one: VFSettings, of place: VFPlace, by words: [String]) throws(HostFailure) -> NoAnswer? {
    guard let problem = try call(words) else { return nil }
    // Drivers take a rate only while the PF has its link, which it loses for a moment when VFs come.
    guard one.rate != nil, !problem.isLate, try awaitLink(of: place.physicalFunction) else { return problem }
    return try call(words)
  }

  /// What ip(8) says against it.
  private func call(_ words: [String]) throws(HostFailure) -> NoAnswer? {
    trace("run ip " + words.joined(separator: " "))
    do throws(NoAnswer) {
      _ = try Command.output(
        try VFReports.program(), words, upTo: 1 << 16, within: deadline, showsErrors: true)
      return nil
    } catch {
      return error
    }
  }

  /// Whether the PF's interface, which is up, has its link within the time that negotiating one takes.
  private func awaitLink(of address: PCIAddress) throws(HostFailure) -> Bool {
    let name = "net/" + (try interface(of: address)) + "/carrier"
    let end = ContinuousClock.now + .seconds(10)
    while true {
      // An interface that is down cannot be asked.
      guard let carrier = try? text(name, of: address) else { return false }
      if carrier == "1" { return true }
      guard .now < end else { return false }
      usleep(100_000)
    }
  }

  func interface(of address: PCIAddress) throws(HostFailure) -> String {
    guard let name = try names(in: "net", of: address).sorted().first(where: { isInterfaceName($0) })
    else {
      throw .noInterface(address)
    }
    return name
  }
}

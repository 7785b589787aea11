import HostModel
import Testing

@testable import Hosts

@Suite("VF settings from rtnetlink")
struct VFReportTests {
  private func numbers(_ values: UInt32...) -> [UInt8] { values.flatMap { Sent.bytes($0) } }

  private func vlan(_ id: UInt32, _ qos: UInt32, _ proto: UInt16, _ vf: UInt32) -> [UInt8] {
    Sent.attribute(12, Sent.attribute(1, numbers(vf, id, qos) + Sent.bytes(proto.bigEndian) + [0, 0]))
  }

  /// An entry as the kernel writes it, in the same order.
  private func entry(_ vf: UInt32, id: UInt32 = 0, spoofCheck: UInt32 = 1, trust: UInt32 = 0) -> [UInt8] {
    let mac: [UInt8] = [2, 0, 0, 0, UInt8(vf >> 8), UInt8(vf & 0xFF)] + [UInt8](repeating: 0, count: 26)
    return Sent.attribute(
      1,
      Sent.attribute(1, Sent.bytes(vf) + mac) + Sent.attribute(13, [UInt8](repeating: 0xFF, count: 32))
        + Sent.attribute(2, numbers(vf, id, 0)) + Sent.attribute(6, numbers(vf, 5, 100))
        + Sent.attribute(3, numbers(vf, 100)) + Sent.attribute(4, numbers(vf, spoofCheck))
        + Sent.attribute(5, numbers(vf, 2)) + Sent.attribute(7, numbers(vf, 0))
        + Sent.attribute(9, numbers(vf, trust)) + vlan(id, 3, 0x88A8, vf))
  }

  /// The length of the list is truncated to 16 bits, as in the kernel.
  private func link(_ entries: [[UInt8]], count: Int? = nil, type: UInt16 = 1) -> [UInt8] {
    let content = Array(entries.joined())
    let list = Sent.bytes(UInt16(truncatingIfNeeded: 4 + content.count)) + Sent.bytes(UInt16(22)) + content
    let number = Sent.attribute(21, Sent.bytes(UInt32(count ?? entries.count)))
    return Sent.link(
      7, Sent.attribute(3, "eth0") + number + list + Sent.attribute(43, Sent.attribute(2, [0])), type: type)
  }

  private func report(_ link: [UInt8]) -> [Int: VFSettings]? {
    link.withUnsafeBufferPointer { VFReport(link: $0)?.settings }
  }

  @Test("All settings that a driver reports are read")
  func all() {
    let found = report(link([entry(0, id: 120), entry(1, trust: 1)]))
    #expect(
      found?[0]
        == VFSettings(
          mac: MACAddress("02:00:00:00:00:00"), vlan: VLAN(id: 120, qos: 3, proto: .ad), trust: false,
          spoofCheck: true, linkState: .disable, rate: VFSettings.Rate(min: 5, max: 100)))
    #expect(found?[1]?.vlan == VLAN.none && found?[1]?.trust == true)
    #expect(report(link([])) == [:])
  }

  @Test("A setting that a driver does not report and the MAC address of InfiniBand are left out")
  func unknown() {
    let found = report(link([entry(0, spoofCheck: .max, trust: .max)]))?[0]
    #expect(found?.spoofCheck == nil && found?.trust == nil && found?.mac != nil)
    #expect(report(link([entry(0)], type: 32))?[0]?.mac == nil)
  }

  @Test(
    "256 and more VFs are read, though the length of their list has only 16 bits",
    arguments: [256, 335, 512])
  func many(count: Int) {
    let entries = (0..<count).map { entry(UInt32($0)) }
    #expect(entries[0].count * 335 > 65535)
    let found = report(link(entries))
    #expect(found?.count == count)
    #expect(found?[count - 1]?.mac == MACAddress(UInt64(0x02_0000_0000) << 8 + UInt64(count - 1)))
  }

  @Test("A list with more entries than the number of VFs is invalid")
  func senseless() {
    #expect(report(link([entry(0), entry(1)], count: 1)) == nil)
    #expect(report(link([entry(0)], count: 2)) != nil)
    let whole = link([entry(0), entry(1)])
    for length in 0..<whole.count { _ = report(Array(whole.prefix(length))) }
    for place in whole.indices {
      for value in [UInt8(0), 1, 0x7F, 0xFF] {
        var other = whole
        other[place] = value
        _ = report(other)
      }
    }
  }

  @Test("The attribute that sets a value is also read as that value", arguments: VFSetting.allCases)
  func inverse(_ setting: VFSetting) throws {
    let values = VFSettings(
      mac: MACAddress("02:00:00:00:00:09"), vlan: VLAN(id: 7, qos: 2, proto: .ad), trust: true,
      spoofCheck: false, linkState: .enable, rate: VFSettings.Rate(min: 10, max: 100))
    for one in [values.only(setting), VFSettings.initial.only(setting)] {
      let kernel = try #require(KernelSetting.all.first { $0.setting == setting }).kernel
      let attribute = try #require(kernel.attribute(one, 3))
      let found = report(link([Sent.attribute(1, Sent.attribute(1, Sent.bytes(UInt32(3))) + attribute)]))
      #expect(found == [3: one] || setting == .mac && found?[3] == one)
    }
    #expect(KernelSetting.all.allSatisfy { $0.kernel.attribute(VFSettings(), 3) == nil })
  }
}

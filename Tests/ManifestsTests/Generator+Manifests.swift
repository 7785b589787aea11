// swift-format-ignore-file: NeverForceUnwrap
// Generated values are valid by construction; if one is not, the test must stop.

import Documents
import HostModel

@testable import Manifests

extension Generator {
  mutating func address() -> PCIAddress {
    let domain = String(number(chance(80) ? 0...0xFFFF : 0...0xFFFF_FFFF), radix: 16)
    let padded = String(repeating: "0", count: max(0, 4 - domain.count)) + domain
    return PCIAddress("\(padded):\(hex(2)):\(one(of: ["0", "1"]))\(hex(1)).\(number(0...7))")!
  }

  mutating func hex(_ digits: Int) -> String { text("0123456789abcdef", digits...digits) }

  mutating func mac(unicast: Bool) -> MACAddress {
    let first = hex(1) + (unicast ? text("02468ace", 1...1) : hex(1))
    return MACAddress(([first] + (0..<5).map { _ in hex(2) }).joined(separator: ":"))!
  }

  mutating func id() -> PCIID {
    PCIID(vendor: UInt16(number(0...0xFFFF)), device: UInt16(number(0...0xFFFF)))
  }

  mutating func half() -> PCIIDHalf { PCIIDHalf(UInt16(number(0...0xFFFF))) }

  mutating func devicePath() -> String {
    "pci\(hex(4)):\(hex(2))" + list(1...4) { "/\($0.address())" }.joined()
  }

  mutating func uuid() -> String { [8, 4, 4, 4, 12].map { hex($0) }.joined(separator: "-") }

  mutating func serial() -> String { (0..<8).map { _ in hex(2) }.joined(separator: "-") }

  mutating func interfaceName() -> String { text("abcen0179-_.@#", 3...15) }

  mutating func metadata() -> Metadata {
    let labels = list(0...3) { ($0.name("._/-", upTo: 20), $0.text("ab c:#1.0\"'é{}", 0...10)) }
    return Metadata(
      name: Located(name("._-", upTo: 40)), labels: Dictionary(labels, uniquingKeysWith: { one, _ in one }))
  }

  mutating func hostManifest() -> HostManifest {
    HostManifest(
      metadata: metadata(),
      spec: hostSpec(hostClass: maybe { Located($0.name("._-", upTo: 40)) }) { $0.pool(isOfClass: false) })
  }

  mutating func hostClassManifest() -> HostClassManifest {
    HostClassManifest(metadata: metadata(), spec: hostSpec(hostClass: nil) { $0.pool(isOfClass: true) })
  }

  private mutating func hostSpec(
    hostClass: Located<String>?, pool: (inout Generator) -> NICPool
  ) -> HostManifest.Spec {
    HostManifest.Spec(
      hostClass: hostClass, driver: maybe { Located($0.passthroughDriver()) },
      nics: list(0...4) { $0.hostNIC() }, pools: list(0...2, pool))
  }

  mutating func pool(isOfClass: Bool) -> NICPool {
    let allow = chance(70) ? [] : list(1...2) { $0.one(of: Allowance.self) }
    var expect = maybe { $0.expectation() } ?? (isOfClass ? Expectation() : nil)
    if isOfClass || expect != nil && chance(50) { expect?.count = number(1...4096) }
    return NICPool(
      name: Located(name("_-", upTo: 32)), select: Located(selector()),
      exclude: list(0...2) { Located($0.selector()) }, expect: expect.map { Located($0) },
      driver: maybe { Located($0.passthroughDriver()) }, reserve: chance(20),
      virtualFunctions: maybe { Located($0.virtualFunctions()) }, allow: allow,
      because: allow.isEmpty ? maybe { $0.freeText(1...20) } : freeText(1...20))
  }

  mutating func virtualFunctions() -> VirtualFunctions {
    var defaults = settings()
    defaults.mac = nil
    return VirtualFunctions(count: number(1...256), defaults: chance(50) ? VFSettings() : defaults)
  }

  mutating func passthroughDriver() -> PassthroughDriver {
    let variant = name("_-", upTo: 20) + "_vfio" + (chance(50) ? "_" : "-") + "pci"
    return [.vfioPCI, .pciStub, .auto, .variant(variant)][number(0...3)]
  }

  mutating func hostNIC() -> HostNIC {
    let allow = chance(70) ? [] : list(1...2) { $0.one(of: Allowance.self) }
    return HostNIC(
      name: Located(name("_-", upTo: 32)), select: Located(selector()),
      expect: maybe { Located($0.expectation()) }, driver: maybe { Located($0.passthroughDriver()) },
      reserve: chance(20),
      virtualFunctions: maybe { Located($0.virtualFunctions()) }, allow: allow,
      because: allow.isEmpty ? maybe { $0.freeText(1...20) } : freeText(1...20))
  }

  mutating func selector() -> Selector {
    var selector = Selector(
      address: maybe { $0.address() }, mac: maybe { $0.mac(unicast: true) },
      interface: maybe { $0.interfaceName() }, path: maybe { $0.devicePath() }, serial: maybe { $0.serial() })
    if chance(50) {
      selector.id = maybe { $0.id() }
      selector.vendor = maybe { $0.half() }
      selector.device = maybe { $0.half() }
      selector.subsystem = maybe { $0.id() }
      selector.driver = maybe { $0.fileName() }
      selector.numaNode = maybe { $0.number(0...7) }
      selector.slot = maybe { $0.text("0123abc -_é", 1...10) }
      if selector.slot != nil { selector.port = maybe { $0.number(0...255) } }
    }
    return selector == Selector() ? Selector(address: address()) : selector
  }

  mutating func expectation() -> Expectation {
    let expectation = Expectation(
      id: maybe { $0.id() }, vendor: maybe { $0.half() }, device: maybe { $0.half() },
      driver: maybe { $0.fileName() })
    return expectation == Expectation() ? Expectation(id: id()) : expectation
  }

  mutating func guestManifest() -> GuestManifest {
    let manager = number(0...2)
    let hosts: GuestHosts = [
      .one(name("._-", upTo: 40)), .several(list(1...3) { $0.name("._-", upTo: 40) }),
      .ofClass(name("._-", upTo: 40)),
    ][number(0...2)]
    return GuestManifest(
      metadata: metadata(),
      spec: GuestManifest.Spec(
        hosts: Located(hosts), isMobile: hosts.single == nil && chance(50),
        libvirt: manager == 1
          ? LibvirtGuest(
            domain: maybe { $0.text("abc019 :.-é\"", 1...20) }, uuid: maybe { Located($0.uuid()) },
            uri: maybe { $0.one(of: ["qemu:///system", "test:///default", "qemu+ssh://root@hv/system"]) })
          : nil,
        qemu: manager == 2 ? QEMUGuest(qmp: "/" + text("abc/ .-_~", 1...106)) : nil,
        nics: list(0...4) { $0.claim() }))
  }

  mutating func claim() -> Claim {
    let nic = name("_-", upTo: 32)
    return Claim(
      name: Located(name("_-", upTo: 32)),
      from: Located(NICReference(nic + referencePart())!),
      device: one(of: Hostdev.ElementKind.self), bind: one(of: Claim.BindTime.self), managed: chance(50),
      hotplug: chance(50), numa: one(of: Claim.Preference.self), spread: one(of: Claim.Preference.self),
      settings: settings())
  }

  private mutating func referencePart() -> String {
    let port = chance(50) ? "\(address())" : "\(number(0...255))"
    return [
      "", "/\(number(0...255))", "/any", "/\(address())", "/\(port)/\(number(0...255))", "/\(port)/any",
    ][
      number(0...5)]
  }

  mutating func settings() -> VFSettings {
    VFSettings(
      mac: maybe { $0.mac(unicast: true) },
      vlan: maybe { VLAN(id: $0.number(1...4094), qos: $0.number(0...7), proto: $0.one(of: [.q, .ad])) },
      trust: maybe { $0.chance(50) }, spoofCheck: maybe { $0.chance(50) },
      linkState: maybe { $0.one(of: VFSettings.LinkState.self) },
      rate: maybe {
        VFSettings.Rate(min: $0.maybe { $0.number(0...1_000_000) }, max: $0.number(0...1_000_000))
      })
  }
}

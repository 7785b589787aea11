import Documents
import HostModel

extension Generator {
  mutating func observed<Value>(_ make: (inout Generator) -> Value) -> Observed<Value> {
    chance(80) ? .known(make(&self)) : .unavailable(freeText())
  }

  mutating func hostState() -> HostState {
    HostState(
      host: name("._-", upTo: 40), kernel: kernel(), functions: list(0...4) { $0.function() },
      libvirt: observed { $0.list(0...2) { $0.guestState() } },
      qemu: observed { $0.list(0...2) { $0.guestState() } }, simulation: maybe { $0.simulation() },
      networks: maybe { $0.observed { $0.list(0...2) { $0.hostdevNetwork() } } })
  }

  mutating func hostdevNetwork() -> HostdevNetwork {
    HostdevNetwork(
      name: freeText(), isActive: chance(50), isAutostarted: chance(50),
      interfaces: list(0...2) { $0.freeText() },
      addresses: list(0...2) { $0.address() })
  }

  mutating func kernel() -> Kernel {
    Kernel(
      release: maybe { $0.freeText() }, commandLine: observed { $0.freeText() },
      processor: one(of: Kernel.Processor.self), drivers: observed { $0.list(0...3) { $0.fileName() } },
      modules: observed { $0.list(0...3) { $0.fileName() } }, bootLoaderFiles: list(0...2) { $0.freeText() },
      numaNodes: maybe { $0.list(0...3) { NUMANode(node: $0.number(0...1023), cpus: $0.ranges()) } })
  }

  mutating func ranges() -> NumberRanges {
    NumberRanges(
      list(0...3) {
        let first = $0.number(0...8191)
        return first...(first + $0.number(0...64))
      })
  }

  mutating func function() -> PCIFunction {
    PCIFunction(
      address: address(), id: id(), subsystem: maybe { $0.id() },
      deviceClass: PCIClass(UInt32(number(0...0xFF_FFFF))), name: maybe { $0.freeText() },
      driver: maybe { $0.fileName() }, driverOverride: maybe { $0.fileName() },
      nativeDriver: maybe { $0.fileName() }, variantDriver: maybe { $0.fileName() },
      iommuGroup: maybe { $0.number(0...300) },
      numaNode: maybe { $0.number(0...7) }, path: maybe { $0.devicePath() },
      slots: list(0...2) { $0.fileName() },
      serial: maybe { $0.serial() }, firmwareIndex: maybe { $0.number(0...Int(Int32.max)) },
      firmwareLabel: maybe { $0.text("abXY019 .-#:'\"é漢", 1...40) },
      sriov: maybe {
        SRIOV(total: $0.number(0...65535), count: $0.number(0...65535), autoprobe: $0.maybe { $0.chance(50) })
      },
      virtualFunction: maybe { VirtualFunction(physicalFunction: $0.address(), index: $0.number(0...65535)) },
      interfaces: list(0...2) { $0.interface() },
      remembered: maybe {
        RememberedIdentity(
          mac: $0.maybe { $0.mac(unicast: false) }, interface: $0.maybe { $0.interfaceName() },
          driver: $0.maybe { $0.fileName() }, altnames: $0.altnames())
      },
      holders: observed {
        $0.list(0...2) { Holder(process: $0.number(1...4_194_304), command: $0.freeText()) }
      },
      unreadable: list(0...2) { $0.freeText() })
  }

  mutating func interface() -> NetworkInterface {
    NetworkInterface(
      name: interfaceName(), altnames: altnames(), mac: maybe { $0.mac(unicast: false) },
      permanentMAC: maybe { $0.mac(unicast: false) }, isUp: maybe { $0.chance(50) },
      hasCarrier: maybe { $0.chance(50) }, speed: maybe { $0.number(0...400_000) },
      uses: observed { $0.list(0...2) { HostUse($0.one(of: HostUse.Kind.allCases), $0.freeText()) } })
  }

  mutating func altnames() -> [String] {
    list(0...2) { $0.text("ab019-_.:;%'\"#{}[]&*!|>@`", 1...126) + "x" }
  }

  mutating func guestState() -> GuestState {
    GuestState(
      name: freeText(), run: one(of: GuestState.RunState.self),
      persistent: maybe { $0.list(0...2) { $0.hostdev() } }, live: maybe { $0.list(0...2) { $0.hostdev() } },
      uuid: maybe { $0.uuid() },
      process: maybe {
        ProcessIdentity(
          number: $0.number(1...4_194_304), start: $0.number(0...1_000_000_000), boot: $0.uuid())
      }, networks: list(0...2) { $0.freeText() },
      saved: maybe { SavedImage(devices: $0.observed { $0.list(0...2) { $0.hostdev() } }) },
      isSavedToFile: chance(50), snapshots: number(0...3),
      numaNodes: maybe { $0.list(0...3) { $0.number(0...1023) } })
  }

  mutating func hostdev() -> Hostdev {
    Hostdev(
      address: address(), alias: maybe { $0.text("abc019_.#/-", 1...20) }, isManaged: chance(50),
      guestAddress: maybe { $0.address() }, network: maybe { $0.freeText() })
  }

  mutating func simulation() -> Simulation {
    let unplug = list(0...2) { ($0.freeText(), $0.one(of: Simulation.Unplug.self)) }
    return Simulation(
      unplug: Dictionary(unplug, uniquingKeysWith: { one, _ in one }),
      faults: list(0...2) {
        Simulation.Fault(step: $0.freeText(), effect: $0.one(of: Simulation.FaultEffect.self))
      })
  }
}

import HostModel
import Planning
import TestSupport
import Testing

@Suite("doctor")
struct DoctorTests {
  struct Case: Sendable {
    let code: Check.Code
    var state: @Sendable (inout HostState) -> Void = { _ in }
    var survey: @Sendable (inout Survey) -> Void = { _ in }
  }

  static let cases: [Case] = [
    Case(code: .virtualizationOff) {
      _ in
    } survey: {
      $0.processorFlags = .known([])
      $0.kvm = .known(.refused("Permission denied"))
    },
    Case(code: .kvmMissing, survey: { $0.kvm = .known(.missing) }),
    Case(code: .kvmRefused, survey: { $0.kvm = .known(.refused("Permission denied")) }),
    Case(code: .iommuFirmware) {
      withoutGroups(&$0)
    } survey: {
      $0.firmwareTables = .known(["FACP"])
    },
    Case(code: .iommuSwitchedOff) {
      withoutGroups(&$0)
      $0.kernel.commandLine = .known("quiet intel_iommu=off")
    },
    Case(code: .iommuNotSwitchedOn) {
      withoutGroups(&$0)
      $0.kernel.commandLine = .known("quiet")
    },
    Case(code: .iommuOff) { withoutGroups(&$0) },
    Case(code: .iommuPartial) { $0.functions[1].iommuGroup = nil },
    Case(
      code: .noIOMMUMode,
      survey: {
        $0.moduleParameters = .known(["vfio.enable_unsafe_noiommu_mode": "Y"])
      }),
    Case(code: .kernelTooOld) { $0.kernel.release = "3.2.0-4-amd64" },
    Case(code: .noDriverOverride) { $0.kernel.release = "3.10.0-1160.el7" },
    Case(code: .vfioMissing) {
      $0.kernel.drivers = .known(["igb"])
    } survey: {
      $0.vfioModule = .known(.missing)
    },
    Case(code: .interruptsNotRemapped, survey: { $0.interrupts = .known(.off) }),
    Case(
      code: .unsafeInterrupts,
      survey: {
        $0.interrupts = .known(.off)
        $0.moduleParameters = .known(["vfio_iommu_type1.allow_unsafe_interrupts": "Y"])
      }),
    Case(code: .groupShared) {
      $0.functions.append(device("03:00.1", class: 0x010700, driver: "mpt3sas", group: 124))
    },
    Case(code: .acsOverride) {
      $0.kernel.commandLine = .known("intel_iommu=on pcie_acs_override=downstream")
    },
    Case(
      code: .noReset,
      survey: {
        $0.resets = .known([
          pci("02:00.0"): ResetMethods(isPossible: true), pci("03:00.0"): ResetMethods(isPossible: false),
        ])
      }),
    Case(code: .lockedMemory, survey: { $0.lockers = .known([daemon(canRaiseLimit: false)]) }),
    Case(code: .libvirtAbsent) {
      $0.libvirt = .unavailable("no daemon")
    } survey: {
      $0.libvirt = .unavailable("no daemon")
      $0.daemons = .known([])
    },
    Case(code: .libvirtUnreachable) {
      $0.libvirt = .unavailable("no socket")
    } survey: {
      $0.libvirt = .unavailable("no socket")
    },
    Case(
      code: .libvirtReadOnly,
      survey: {
        $0.libvirt = .known(
          LibvirtService(uri: nil, version: VersionNumber(11, 3), qemu: nil, isReadOnly: true))
      }),
    Case(
      code: .libvirtTooOld,
      survey: {
        $0.libvirt = .known(LibvirtService(uri: nil, version: VersionNumber(4, 0), qemu: nil))
      }),
    Case(
      code: .qemuMissing,
      survey: {
        $0.libvirt = .known(LibvirtService(uri: nil, version: VersionNumber(11, 3), qemu: nil))
        $0.emulators = .known([])
      }),
    Case(
      code: .qemuTooOld,
      survey: {
        $0.emulators = .known([Emulator(path: "/usr/bin/qemu-kvm", version: .known(VersionNumber(1, 2)))])
      }),
    Case(code: .noFreePort) { $0.libvirt = .known([withPorts(running("vm", live: []), 0)]) },
    Case(code: .guestStart) { $0.libvirt = .known([off("vm", [marked("07:00.0", "lan")])]) },
    Case(code: .notRoot, survey: { $0.user = .known(1000) }),
    Case(code: .stateFolder, survey: { $0.stateFolder = .known(.refused("others may write into it")) }),
    Case(code: .unreadable) { $0.functions[0].unreadable = ["config: Permission denied"] },
    Case(code: .ownership) { $0.functions[0] = nic("02:00.0", driver: "uio_pci_generic", group: 9) },
    Case(code: .heldByProcess) {
      $0.functions[0] = nic("02:00.0", driver: "vfio-pci", group: 9, holders: .known([qemu]))
    },
    Case(code: .driverctl, survey: { $0.driverctl = .known([pci("03:00.0"): "vfio-pci"]) }),
    Case(code: .libvirtNetwork) { $0.networks = .known([HostdevNetwork(name: "sriov", isActive: true)]) },
    Case(code: .networkManager) {
      $0.libvirt = .known([withPorts(running("vm", [marked("03:00.0", "lan")]), 2)])
    } survey: {
      $0.networkManagers.networkManager = .known(NetworkManagerSettings())
    },
    Case(code: .vfioIDs) { $0.kernel.commandLine = .known("intel_iommu=on vfio-pci.ids=8086:10c9") },
    Case(
      code: .bootUnits,
      survey: { $0.bootSetup = .known(fitBootSetup { $0.units["pcipass-boot.service"] = .disabled }) }),
    Case(code: .libvirtHook, survey: { $0.bootSetup = .known(fitBootSetup { $0.hook = .missing }) }),
    Case(code: .noIdentity) {
      $0.functions[0] = nic("02:00.0", driver: "vfio-pci", group: 9)
      $0.functions[0].remembered = nil
    },
  ]

  @Test("has no findings on a fit host")
  func fit() {
    let diagnosis = examine()
    #expect(diagnosis.codes == [] && diagnosis.unknown == [] && !diagnosis.hasFindings)
    #expect(diagnosis.checks.allSatisfy { $0.severity == .ok && $0.help == nil })
    // Each section has a check.
    #expect(Set(diagnosis.checks.map(\.code.section)) == Set(Check.Section.allCases))
  }

  @Test("finds each problem by its own code, with help", arguments: cases.indices)
  func finding(index: Int) throws {
    let wrong = Self.cases[index]
    let diagnosis = examine(wrong.state, wrong.survey)
    let check = try #require(diagnosis.found.first { $0.code == wrong.code }, "\(wrong.code)")
    #expect(check.severity == wrong.code.severity)
    #expect(check.help?.isEmpty == false && !check.message.isEmpty)
    // Nothing else is found, except a problem that follows from it.
    let others = Set(diagnosis.codes).subtracting([wrong.code])
    #expect(others.isSubset(of: [.kvmRefused, .libvirtHook]), "\(others)")
    #expect(diagnosis.hasFindings == (check.severity != .note))
  }

  @Test("has a test case for each code")
  func all() { #expect(Set(Self.cases.map(\.code)) == Set(Check.Code.allCases)) }

  @Test("reports what was not read as unknown, never as ok")
  func unknown() {
    let diagnosis = Doctor.examine(fitState(), Survey(unknown: "not recorded in the snapshot"))
    #expect(diagnosis.codes == [] && !diagnosis.hasFindings)
    #expect(
      Set(diagnosis.unknown) == [
        .virtualizationOff, .kvmMissing, .interruptsNotRemapped, .noReset, .lockedMemory, .qemuMissing,
        .notRoot, .stateFolder, .driverctl, .vfioIDs,
      ])
    #expect(diagnosis.of(.lockedMemory)?.message.names("not recorded in the snapshot") == true)
    let blind = Doctor.examine(
      fitState {
        $0.kernel.release = nil
        $0.kernel.drivers = .unavailable("hidden")
        $0.libvirt = .unavailable("not asked")
        $0.kernel.processor = .other
      }, Survey(unknown: "-"))
    #expect(
      Set(blind.unknown).isSuperset(of: [.kernelTooOld, .vfioMissing, .libvirtUnreachable, .noFreePort]))
    #expect(blind.codes == [.unreadable])
  }

  private static func withoutGroups(_ state: inout HostState) {
    for index in state.functions.indices { state.functions[index].iommuGroup = nil }
  }
}

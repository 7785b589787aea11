import HostModel
import Planning
import TestSupport

/// Returns the state of a host without findings.
func fitState(_ change: (inout HostState) -> Void = { _ in }) -> HostState {
  state([nic("02:00.0"), nic("03:00.0")], libvirt: [running("vm", live: [])]) {
    $0.libvirt = .known([withPorts(running("vm", live: []), 2)])
    $0.kernel.release = "6.12.1-amd64"
    change(&$0)
  }
}

func withPorts(_ guest: GuestState, _ count: Int?) -> GuestState {
  var guest = guest
  guest.freePorts = count
  return guest
}

/// Returns the survey of a host without findings.
func fitSurvey(_ change: (inout Survey) -> Void = { _ in }) -> Survey {
  var survey = Survey(unknown: "not read")
  survey.processorFlags = .known(["vmx"])
  survey.kvm = .known(.usable)
  survey.firmwareTables = .known(["DMAR", "FACP"])
  survey.bootLines = .known([
    BootLine(
      file: "/etc/default/grub", line: 8, setting: "GRUB_CMDLINE_LINUX_DEFAULT", parameters: ["quiet"]),
    BootLine(
      file: "/etc/default/grub", line: 9, setting: "GRUB_CMDLINE_LINUX", parameters: ["intel_iommu=on"]),
  ])
  survey.vfioModule = .known(.loadable("kernel/drivers/vfio/pci/vfio-pci.ko.xz"))
  survey.moduleParameters = .known(["vfio_iommu_type1.allow_unsafe_interrupts": "N"])
  survey.moduleOptions = .known([])
  survey.interrupts = .known(.on)
  survey.resets = .known([
    pci("02:00.0"): ResetMethods(isPossible: true, names: ["flr"]),
    pci("03:00.0"): ResetMethods(isPossible: true, names: ["flr", "bus"]),
  ])
  survey.isolation = .known([:])
  survey.lockers = .known([daemon(canRaiseLimit: true)])
  survey.daemons = .known(["/usr/sbin/libvirtd"])
  survey.libvirt = .known(
    LibvirtService(uri: "qemu:///system", version: VersionNumber(11, 3), qemu: VersionNumber(10, 0, 13)))
  survey.emulators = .known([
    Emulator(path: "/usr/bin/qemu-system-x86_64", version: .known(VersionNumber(10, 0, 13)))
  ])
  survey.user = .known(0)
  survey.stateFolder = .known(.usable("/var/lib/pcipass"))
  survey.driverctl = .known([:])
  survey.networkManagers = noNetworkManagers
  survey.bootSetup = .known(fitBootSetup())
  change(&survey)
  return survey
}

/// All units are enabled, and the hook is in place.
func fitBootSetup(_ change: (inout BootSetup) -> Void = { _ in }) -> BootSetup {
  let units = Dictionary(
    uniqueKeysWithValues: BootSetup.unitNames.map { ($0, BootSetup.Unit.enabled) })
  var setup = BootSetup(hasSystemd: true, units: units, hook: .inFolder)
  change(&setup)
  return setup
}

/// No network manager is in use.
var noNetworkManagers: NetworkManagers {
  var managers = NetworkManagers(unknown: "not read")
  managers.networkManager = .known(nil)
  managers.networkd = .known(nil)
  managers.ifupdown = .known(nil)
  managers.netplan = .known(nil)
  return managers
}

func daemon(limit: Int? = 8 << 20, canRaiseLimit: Bool) -> MemoryLocker {
  MemoryLocker(
    process: 700, command: "libvirtd", kind: .daemon, limit: limit, resident: 30 << 20, isExempt: false,
    canRaiseLimit: canRaiseLimit)
}

func emulator(_ kind: MemoryLocker.Kind, limit: Int?, isExempt: Bool = false) -> MemoryLocker {
  MemoryLocker(
    process: 4711, command: "qemu-system-x86", kind: kind, limit: limit, resident: 2 << 30,
    isExempt: isExempt, canRaiseLimit: false)
}

/// Examines such a host, of which a guest is to have a NIC.
func examine(
  _ changeState: (inout HostState) -> Void = { _ in }, _ changeSurvey: (inout Survey) -> Void = { _ in }
) -> Diagnosis {
  Doctor.examine(HostIndex(fitState(changeState)), fitSurvey(changeSurvey), alsoAssigned: [pci("03:00.0")])
}

extension Diagnosis {
  /// The findings, in the order in which they are shown.
  var found: [Check] { checks.filter { [.error, .warning, .note].contains($0.severity) } }
  var codes: [Check.Code] { found.map(\.code) }
  var unknown: [Check.Code] { checks.filter { $0.severity == .unknown }.map(\.code) }

  func of(_ code: Check.Code) -> Check? { checks.first { $0.code == code } }
}

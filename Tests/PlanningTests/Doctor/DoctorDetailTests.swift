import HostModel
import Planning
import TestSupport
import Testing

@Suite("The findings of doctor")
struct DoctorDetailTests {
  private func iommu(
    _ processor: Kernel.Processor, _ words: String, tables: Set<String>, lines: [BootLine] = [],
    files: [String] = ["/etc/default/grub"]
  ) -> Check? {
    examine {
      for index in $0.functions.indices { $0.functions[index].iommuGroup = nil }
      $0.kernel.processor = processor
      $0.kernel.commandLine = .known(words)
      $0.kernel.bootLoaderFiles = files
    } _: {
      $0.firmwareTables = .known(tables)
      $0.bootLines = .known(lines)
    }.found.first { $0.code.section == .iommu }
  }

  private func line(_ file: String, _ number: Int, _ setting: String, _ words: String...) -> BootLine {
    BootLine(file: file, line: number, setting: setting, parameters: words)
  }

  @Test("name the line that switches the IOMMU off, and where its replacement goes")
  func switchedOff() {
    let check = iommu(
      .intel, "quiet intel_iommu=off", tables: ["DMAR"],
      lines: [
        line("/etc/default/grub", 6, "GRUB_CMDLINE_LINUX_DEFAULT", "quiet"),
        line("/etc/default/grub", 9, "GRUB_CMDLINE_LINUX", "intel_iommu=off"),
        line("/boot/grub/grub.cfg", 120, "linux", "intel_iommu=off"),
      ])
    #expect(check?.code == .iommuSwitchedOff)
    #expect(check?.details.names(["intel_iommu=off"], ["intel_iommu=off", "/etc/default/grub:9"]) == true)
    #expect(
      check?.help.names(
        "intel_iommu=off", "intel_iommu=on", "GRUB_CMDLINE_LINUX", "/etc/default/grub", "9", "update-grub")
        == true)
  }

  @Test("name the command that puts a parameter of the boot configuration into effect")
  func notYet() {
    let check = iommu(
      .intel, "quiet", tables: ["DMAR"],
      lines: [line("/etc/default/grub", 9, "GRUB_CMDLINE_LINUX", "intel_iommu=on")])
    #expect(check?.code == .iommuNotSwitchedOn)
    #expect(check?.details.names(["intel_iommu=on", "/etc/default/grub:9"]) == true)
    #expect(check?.help.names("update-grub") == true)
  }

  @Test(
    "name the firmware table that is missing",
    arguments: [
      (Kernel.Processor.intel, ["DMAR"], "VT-d"), (.amd, ["IVRS"], "AMD-Vi"), (.arm, ["IORT"], "SMMU"),
      (.other, ["DMAR", "IVRS", "IORT"], "IOMMU"),
    ])
  func firmware(processor: Kernel.Processor, tables: [String], help: String) {
    let check = iommu(processor, "quiet", tables: ["FACP"])
    #expect(check?.code == .iommuFirmware)
    #expect(check?.details.names(tables) == true)
    #expect(check?.help.names(help) == true)
  }

  @Test("name on AMD the parameter to remove, or where to look for the cause")
  func amd() {
    let off = iommu(
      .amd, "amd_iommu=off", tables: ["IVRS"], lines: [line("/etc/kernel/cmdline", 1, "", "amd_iommu=off")],
      files: ["/etc/kernel/cmdline"])
    #expect(off?.code == .iommuSwitchedOff)
    #expect(off?.details.last.names("amd_iommu=off", "/etc/kernel/cmdline:1") == true)
    #expect(off?.help.names("amd_iommu=off", "/etc/kernel/cmdline") == true)
    #expect(iommu(.amd, "quiet", tables: ["IVRS"])?.help.names("dmesg", "AMD-Vi") == true)
  }

  @Test("explain the missing IOMMU of a host that is itself a guest")
  func nested() {
    let diagnosis = examine { state in
      for index in state.functions.indices { state.functions[index].iommuGroup = nil }
    } _: {
      $0.processorFlags = .known(["hypervisor"])
      $0.kvm = .known(.missing)
      $0.firmwareTables = .known([])
    }
    #expect(diagnosis.of(.iommuFirmware)?.details.isEmpty == false)
    #expect(diagnosis.of(.virtualizationOff)?.help != nil)
  }

  @Test("name the members of a group that stay on the host, and the ports without ACS")
  func groups() {
    let diagnosis = examine {
      $0.functions.append(device("03:00.1", class: 0x010700, driver: "mpt3sas", group: 124))
      $0.functions.append(device("03:00.2", class: 0x0c0300, driver: "vfio-pci", group: 124))
    } _: {
      $0.isolation = .known([
        pci("00:07.0"): .absent, pci("03:00.0"): .complete, pci("03:00.1"): .incomplete,
      ])
    }
    let check = diagnosis.found.first
    #expect(check?.message.names("0000:03:00.0") == true)
    #expect(check?.details.first?.hasPrefix("0000:03:00.1 ") == true)
    #expect(
      (check?.details.dropFirst()).map(Array.init)?.names(["0000:00:07.0", "ACS"], ["0000:03:00.1", "ACS"])
        == true)
    // Two NICs that the host does not use can be assigned together.
    let pair = examine { $0.functions.append(nic("03:00.1", group: 124)) }
    #expect(pair.codes == [])
    #expect(pair.of(.groupShared)?.details.names(["0000:03:00.0", "0000:03:00.1"]) == true)
    // The host uses one of the two NICs.
    let used = examine {
      $0.functions.append(nic("03:00.1", group: 124, uses: .known([HostUse(.address, "192.0.2.1/24")])))
    }
    #expect(used.codes == [.groupShared])
    #expect(used.found[0].details[0].names("igb", "eth31", "192.0.2.1/24"))
    // The host's use of one of the two NICs is unknown.
    let unclear = examine { $0.functions.append(nic("03:00.1", group: 124, uses: .unavailable("hidden"))) }
    #expect(unclear.of(.groupShared)?.severity == .unknown)
    // A bridge's port driver does not block the group, and the host's use of a NIC that is alone in
    // its group is not a finding.
    #expect(
      examine {
        $0.functions.append(device("00:07.0", class: 0x060400, driver: "pcieport", group: 124))
        $0.functions[0] = nic("02:00.0", uses: .known([HostUse(.defaultRoute, "IPv4")]))
      }.codes == [])
  }

  @Test("name the port to add to a running guest, as XML for libvirt, as an option for QEMU")
  func ports() {
    let diagnosis = examine {
      $0.libvirt = .known([withPorts(running("full"), 0), withPorts(running("old"), nil), off("off")])
      $0.qemu = .known([runningQEMU("/run/q.sock", buses: [])])
    }
    #expect(diagnosis.codes == [.noFreePort, .noFreePort])
    #expect(diagnosis.unknown == [.noFreePort])
    #expect(diagnosis.found[0].help.names("<controller", "type='pci'", "model='pcie-root-port'/>"))
    #expect(diagnosis.found[1].help.names("-device pcie-root-port"))
    #expect(examine { $0.libvirt = .known([off("off")]) }.of(.noFreePort)?.severity == .ok)
  }

  @Test("name the guests that are off and could not start, with the cause")
  func starts() {
    func details(_ device: Hostdev, _ change: (inout HostState) -> Void = { _ in }) -> [String] {
      examine {
        $0.libvirt = .known([off("vm", [device])])
        change(&$0)
      }.found.first { $0.code == .guestStart }?.details ?? []
    }
    #expect(details(marked("03:00.0", "lan")) == [])
    #expect(details(marked("07:00.0", "lan")).names(["0000:07:00.0"]))
    #expect(details(marked("03:00.0", "lan", managed: false)).names(["0000:03:00.0", "igb"]))
    let mate = nic("03:00.1", group: 124)
    #expect(
      details(marked("03:00.0", "lan")) { $0.functions.append(mate) }
        .names(["0000:03:00.1", "igb"]))
    #expect(
      details(marked("03:00.0", "lan")) {
        $0.libvirt = .known(($0.libvirt.value ?? []) + [running("web", live: [marked("03:00.0", "lan")])])
      }.names(["0000:03:00.0", "web"]))
  }

  @Test("include a low memory lock limit, unless libvirt raises it or the QEMU is exempt")
  func lockedMemory() {
    func codes(_ locker: MemoryLocker) -> [Check.Code] {
      examine { _ in
      } _: {
        $0.lockers = .known([locker])
      }.codes
    }
    #expect(codes(emulator(.guest, limit: 8 << 20)) == [.lockedMemory])
    #expect(codes(emulator(.guest, limit: 3 << 30)) == [])
    #expect(codes(emulator(.guest, limit: nil)) == [])
    #expect(codes(emulator(.guest, limit: 0, isExempt: true)) == [])
    #expect(codes(emulator(.libvirtGuest, limit: 0)) == [])
    #expect(codes(daemon(limit: nil, canRaiseLimit: false)) == [])
  }

  @Test("use a loaded module parameter, else the command line's, else modprobe's")
  func unsafe() {
    let option = ModuleOption(
      file: "/etc/modprobe.d/vfio.conf", line: 3, module: "vfio_iommu_type1",
      settings: ["allow_unsafe_interrupts=1"])
    func check(_ parameters: [String: String], _ options: [ModuleOption], _ words: String = "") -> Check? {
      examine {
        $0.kernel.commandLine = .known("intel_iommu=on " + words)
      } _: {
        $0.moduleParameters = .known(parameters)
        $0.moduleOptions = .known(options)
      }.found.first
    }
    let name = "vfio_iommu_type1.allow_unsafe_interrupts"
    #expect(check([name: "N"], [option]) == nil)
    #expect(
      check([:], [option])?.details.names(["/etc/modprobe.d/vfio.conf:3", "allow_unsafe_interrupts=1"])
        == true)
    #expect(check([:], [], "vfio-iommu-type1.allow_unsafe_interrupts=y")?.code == .unsafeInterrupts)
    #expect(check([:], [option], name + "=0") == nil)
    #expect(
      check([name: "Y"], [option])?.details.names([
        "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "/etc/modprobe.d/vfio.conf:3",
      ]) == true)
    // Without an IOMMU interrupts cannot be remapped, and only the missing IOMMU is a finding.
    #expect(
      examine {
        for index in $0.functions.indices { $0.functions[index].iommuGroup = nil }
      } _: {
        $0.interrupts = .known(.off)
      }.codes == [.iommuOff])
  }

  @Test("name the option that sets ids for vfio-pci, with a detail for each id")
  func ids() {
    let option = ModuleOption(
      file: "/etc/modprobe.d/vfio.conf", line: 1, module: "vfio_pci", settings: ["ids=8086:10c9,10de:1eb8"])
    let check = examine { _ in
    } _: {
      $0.moduleOptions = .known([option])
    }.found.first
    #expect(check?.message.names("/etc/modprobe.d/vfio.conf:1", "ids=8086:10c9,10de:1eb8") == true)
    #expect(check?.details.count == 2)
  }

  @Test("compare versions as numbers")
  func versions() {
    #expect(VersionNumber("6.12.117+deb13-amd64") == VersionNumber(6, 12, 117))
    #expect(
      VersionNumber("3.6") == VersionNumber(3, 6) && VersionNumber("v3") == nil && VersionNumber("3") == nil)
    #expect(VersionNumber(3, 16) > VersionNumber(3, 6) && VersionNumber(10, 0) > VersionNumber(9, 2, 1))
    #expect(VersionNumber(libvirt: 11_003_002).description == "11.3.2")
    #expect(VersionNumber("99999999999999999999.1") == nil)
  }
}

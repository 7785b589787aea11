import HostModel
import Hosts
import Testing

@Suite struct `Surveying a host` {
  private let tree: SysfsTree
  private let lan: PCIAddress

  init() throws {
    tree = try SysfsTree()
    lan = try #require(PCIAddress("0000:03:00.0"))
  }

  private func survey() throws -> Survey {
    SurveyReader(root: tree.root, stateFolder: nil, libvirt: nil).read(try tree.read().state)
  }

  @Test func `values that no file has are unknown`() throws {
    let survey = try survey()
    #expect(survey.kvm.reason != nil)
    #expect(survey.lockers.reason != nil)
    for reason in [survey.user.reason, survey.stateFolder.reason, survey.libvirt.reason] {
      #expect(reason != nil)
    }
    #expect(survey.emulators.reason != nil)
    #expect(survey.daemons.reason != nil)
    #expect(survey.processorFlags.reason == tree.root + "/proc/cpuinfo: No such file or directory")
    #expect(survey.interrupts.reason == tree.root + "/proc/interrupts: No such file or directory")
    #expect(survey.vfioModule.reason == tree.root + "/lib/modules/6.12.0: No such file or directory")
    #expect(survey.firmwareTables.value == nil)
    #expect(
      SurveyReader(root: "/nowhere", stateFolder: nil, libvirt: nil).read(try tree.read().state).kvm.value
        == nil)
  }

  @Test func `processor flags are read from the flags line only`() throws {
    try tree.write("proc/cpuinfo", "model name : vmx\nflags\t\t: fpu svm hypervisor lm\nvmx flags\t: x\n")
    #expect(try survey().processorFlags == .known(["svm", "hypervisor"]))
    try tree.write("proc/cpuinfo", "Features\t: fp asimd\n")
    #expect(try survey().processorFlags == .known([]))
  }

  static let interrupts: [(String, InterruptRemapping)] = [
    (" 2: 9 0 IR-IO-APIC 2-edge timer\n 30: 1 0 IR-PCI-MSI-0000:00:1f.2 0-edge ahci\n", .on),
    (" 2: 9 0 IO-APIC 2-edge timer\n 30: 1 0 PCI-MSIX-0000:03:00.0 0-edge eth0\n", .off),
    (" 11: 1 GICv3 27 Level arch_timer\n 40: 7 ITS-PCI-MSIX-0000:01:00.0 0 Edge eth0\n", .on),
    ("           CPU0\nNMI: 0 Non-maskable interrupts\n", .unknown), ("", .unknown),
  ]

  @Test(arguments: interrupts)
  func `interrupt remapping is read from the names of the interrupt controllers`(
    _ text: String, _ remapping: InterruptRemapping
  ) throws {
    try tree.write("proc/interrupts", text)
    #expect(try survey().interrupts == .known(remapping))
  }

  @Test func `lines that set the kernel's parameters are found in each boot loader's files`() throws {
    try tree.write(
      "etc/default/grub",
      "# GRUB_CMDLINE_LINUX=\"no\"\n\nexport GRUB_CMDLINE_LINUX_DEFAULT='quiet splash'\nGRUB_CMDLINE_LINUX+=\"a b=c\"\n"
        + "GRUB_CMDLINE_XEN=\"x\"\nGRUB_CMDLINE_LINUX=bare\n")
    try tree.write("etc/kernel/cmdline", "root=/dev/sda1 ro\n")
    try tree.write(
      "boot/grub/grub.cfg", "menuentry 'x' {\n\tlinux\t/vmlinuz root=/dev/sda1 ro\n\tinitrd /i\n}\n")
    try tree.write("boot/loader/entries/a.conf", "title a\nlinux /vmlinuz\noptions  ro quiet\n")
    #expect(
      try survey().bootLines
        == .known([
          BootLine(
            file: "/etc/default/grub", line: 3, setting: "GRUB_CMDLINE_LINUX_DEFAULT",
            parameters: ["quiet", "splash"]),
          BootLine(
            file: "/etc/default/grub", line: 4, setting: "GRUB_CMDLINE_LINUX", parameters: ["a", "b=c"]),
          BootLine(file: "/etc/default/grub", line: 6, setting: "GRUB_CMDLINE_LINUX", parameters: ["bare"]),
          BootLine(file: "/etc/kernel/cmdline", line: 1, setting: "", parameters: ["root=/dev/sda1", "ro"]),
          BootLine(
            file: "/boot/grub/grub.cfg", line: 2, setting: "linux", parameters: ["root=/dev/sda1", "ro"]),
          BootLine(
            file: "/boot/loader/entries/a.conf", line: 3, setting: "options", parameters: ["ro", "quiet"]),
        ]))
  }

  @Test func `a module is built in, to be loaded, or missing`() throws {
    let folder = "lib/modules/6.12.0/"
    try tree.write(folder + "modules.builtin", "kernel/fs/ext4.ko\n")
    try tree.write(folder + "modules.dep", "kernel/drivers/vfio/vfio-pci-core.ko.xz: x\n")
    #expect(try survey().vfioModule == .known(.missing))
    try tree.write(folder + "modules.dep", "kernel/a/vfio_pci.ko.zst: kernel/a/b.ko\n")
    #expect(try survey().vfioModule == .known(.loadable("kernel/a/vfio_pci.ko.zst")))
    try tree.write(folder + "modules.builtin", "kernel/drivers/vfio/pci/vfio-pci.ko\n")
    #expect(try survey().vfioModule == .known(.builtIn))
  }

  @Test func `module settings are read from sysfs and from modprobe.d`() throws {
    try tree.write("sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n")
    try tree.write(
      "etc/modprobe.d/b.conf",
      "# options vfio-pci ids=1:2\noptions vfio-pci  ids=8086:10c9 x=1\noptions snd a=b\n")
    try tree.write("usr/lib/modprobe.d/b.conf", "options vfio-pci ids=of:another\n")
    try tree.write("etc/modprobe.d/c.txt", "options vfio-pci ids=no:conf\n")
    let survey = try survey()
    #expect(survey.moduleParameters == .known(["vfio_iommu_type1.allow_unsafe_interrupts": "Y"]))
    #expect(
      survey.moduleOptions
        == .known([
          ModuleOption(
            file: "/etc/modprobe.d/b.conf", line: 2, module: "vfio_pci", settings: ["ids=8086:10c9", "x=1"])
        ]))
  }

  @Test func `a function can be reset if the kernel lists a method or has the reset file`() throws {
    let path = try tree.function("0000:03:00.0")
    #expect(try survey().resets == .known([lan: ResetMethods(isPossible: false)]))
    try tree.write(path + "/reset", "")
    #expect(try survey().resets == .known([lan: ResetMethods(isPossible: true)]))
    try tree.write(path + "/reset_method", "flr bus\n")
    #expect(try survey().resets == .known([lan: ResetMethods(isPossible: true, names: ["flr", "bus"])]))
    try tree.write(path + "/reset_method", "\n")
    #expect(try survey().resets == .known([lan: ResetMethods(isPossible: false)]))
  }

  @Test func `access control is read of functions in the IOMMU group of a NIC`() throws {
    for (address, control) in [("0000:03:00.0", UInt8(0x1D)), ("0000:03:00.1", 0x01)] {
      let path = try tree.function(address, group: 7)
      var bytes = config([(0x100, 0x0D, 0)])
      bytes[0x106] = control
      try tree.write(path + "/config", bytes)
    }
    let path = try tree.function("0000:03:00.2", group: 7)
    try tree.write(path + "/config", config([(0x100, 0x03, 0)]))
    try tree.function("0000:04:00.0", group: 8)
    let other = try [1, 2].map { try #require(PCIAddress("0000:03:00.\($0)")) }
    #expect(
      try survey().isolation == .known([lan: .complete, other[0]: .incomplete, other[1]: .absent]))
    // Users other than root can read only 64 bytes.
    try tree.write(path + "/config", config(size: 64, []))
    #expect(try survey().isolation == .known([lan: .complete, other[0]: .incomplete, other[1]: .absent]))
  }

  @Test func `QEMUs and root's daemons are found with what they may lock`() throws {
    func process(
      _ number: Int, _ command: String, user: Int, capabilities: String, limit: String, _ arguments: String
    )
      throws
    {
      try tree.write("proc/\(number)/comm", command + "\n")
      try tree.write(
        "proc/\(number)/status",
        "Name:\t\(command)\nUid:\t\(user)\t\(user)\t\(user)\t\(user)\nVmRSS:\t    2048 kB\nCapEff:\t\(capabilities)\n"
      )
      try tree.write(
        "proc/\(number)/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
          + "Max locked memory         \(limit)              8388608              bytes     \n")
      try tree.write("proc/\(number)/cmdline", arguments)
    }
    try process(
      10, "libvirtd", user: 0, capabilities: "000001ffffffffff", limit: "8388608", "/usr/sbin/libvirtd")
    try process(11, "libvirtd", user: 1000, capabilities: "0", limit: "65536", "/usr/sbin/libvirtd")
    try process(
      12, "qemu-system-x86", user: 64055, capabilities: "0", limit: "unlimited", "x\0/var/lib/libvirt/qemu/y")
    try process(13, "qemu-system-x86", user: 1000, capabilities: "0", limit: "65536", "qemu\0-m\0" + "64")
    try process(14, "bash", user: 0, capabilities: "0", limit: "65536", "bash")
    #expect(
      try survey().lockers
        == .known([
          MemoryLocker(
            process: 10, command: "libvirtd", kind: .daemon, limit: 8_388_608, resident: 2 << 20,
            isExempt: true,
            canRaiseLimit: true),
          MemoryLocker(
            process: 12, command: "qemu-system-x86", kind: .libvirtGuest, limit: nil, resident: 2 << 20,
            isExempt: false, canRaiseLimit: false),
          MemoryLocker(
            process: 13, command: "qemu-system-x86", kind: .guest, limit: 65536, resident: 2 << 20,
            isExempt: false,
            canRaiseLimit: false),
        ]))
    try tree.write("proc/13/limits", "Max locked memory much\n")
    #expect(try survey().lockers.reason == tree.root + "/proc: Invalid argument")
  }

  @Test func `the files of driverctl and installed programs are read`() throws {
    try tree.write("etc/driverctl.d/pci-0000:03:00.0", "vfio-pci\n")
    try tree.write("etc/driverctl.d/vmbus-x", "uio\n")
    try tree.write("usr/sbin/virtqemud", "")
    try tree.write("usr/bin/qemu-system-x86_64", "")
    try tree.write("sys/firmware/acpi/tables/DMAR", "")
    let survey = try survey()
    #expect(survey.driverctl == .known([lan: "vfio-pci"]))
    #expect(survey.daemons == .known(["/usr/sbin/virtqemud"]))
    #expect(
      survey.emulators
        == .known([
          Emulator(
            path: "/usr/bin/qemu-system-x86_64",
            version: .unavailable("pcipass does not run programs of a captured file tree"))
        ]))
    #expect(survey.firmwareTables == .known(["DMAR"]))
  }

  @Test func `the state folder is missing, usable, or refused`() throws {
    let folder = tree.root + "/state"
    #expect(SurveyReader.condition(of: folder) == .missing(folder))
    try tree.folder("state")
    #expect(SurveyReader.condition(of: folder) == .usable(folder))
    try tree.write("state/identities.json", "{}")
    guard case .refused = SurveyReader.condition(of: folder) else {
      Issue.record("what cannot be read was taken")
      return
    }
  }
}

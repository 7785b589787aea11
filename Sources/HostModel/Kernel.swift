import Documents

/// The running kernel, as far as assigning NICs depends on it.
public struct Kernel: Sendable, Equatable {
  /// The vendor of the processor, which determines the kind of IOMMU (VT-d, AMD-Vi, SMMU).
  public enum Processor: String, CaseIterable, Sendable { case intel, amd, arm, other }

  /// The kernel's version as `uname -r` prints it.
  public var release: String?
  /// The kernel's command line (/proc/cmdline).
  public var commandLine: Observed<String>
  public var processor: Processor
  /// The registered PCI drivers, built in or loaded (/sys/bus/pci/drivers).
  public var drivers: Observed<[String]>
  /// The loaded modules (/proc/modules). Built-in ones are not among them.
  public var modules: Observed<[String]>
  /// The files that set the kernel's parameters on this host.
  public var bootLoaderFiles: [String]
  /// A UUID that differs after each boot (/proc/sys/kernel/random/boot_id).
  public var bootID: String?
  /// Whether /dev/vfio/vfio exists. libvirt refuses VFIO devices without it. Nil if an older
  /// snapshot does not record it.
  public var hasVFIO: Bool?
  /// The online NUMA nodes, by number (/sys/devices/system/node). Nil if they could not be read, if the kernel
  /// does not show them, or if an older snapshot does not record them.
  public var numaNodes: [NUMANode]?

  public init(
    release: String?, commandLine: Observed<String>, processor: Processor, drivers: Observed<[String]>,
    modules: Observed<[String]>, bootLoaderFiles: [String], bootID: String? = nil,
    hasVFIO: Bool? = nil, numaNodes: [NUMANode]? = nil
  ) {
    self.release = release
    self.commandLine = commandLine
    self.processor = processor
    self.drivers = drivers
    self.modules = modules
    self.bootLoaderFiles = bootLoaderFiles
    self.bootID = bootID
    self.hasVFIO = hasVFIO
    self.numaNodes = numaNodes
  }

  static let form = Form<Kernel>.record(
    "Kernel", "The running kernel.",
    Field("release", \.release, optional: .freeText, "As `uname -r` prints it."),
    Field("commandLine", \.commandLine, Form<String>.freeText.observed, "/proc/cmdline"),
    Field(
      "processor", \.processor, .choice("a processor maker"),
      "The vendor of the processor, which determines the kind of IOMMU."),
    Field(
      "drivers", \.drivers, Form<[String]>.list(of: .fileName("a driver name")).observed,
      "Registered PCI drivers."),
    Field(
      "modules", \.modules, Form<[String]>.list(of: .fileName("a module name")).observed,
      "/proc/modules; it does not list built-in modules."),
    Field(
      "bootLoaderFiles", \.bootLoaderFiles, .list(of: .freeText), default: [],
      "The files that set the kernel parameters on this host."),
    Field("bootID", \.bootID, optional: .freeText, "/proc/sys/kernel/random/boot_id"),
    Field("vfio", \.hasVFIO, optional: .boolean, "Whether /dev/vfio/vfio exists."),
    Field(
      "numaNodes", \.numaNodes, optional: .list(of: NUMANode.form),
      "The NUMA nodes that are online; absent if they are unknown."),
    make: Kernel.init)
}

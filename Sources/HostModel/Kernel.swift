import Documents

/// The running kernel, as far as handing out NICs depends on it.
public struct Kernel: Sendable, Equatable {
  /// Whose IOMMU the host has.
  public enum Processor: String, CaseIterable, Sendable { case intel, amd, arm, other }

  public var release: String?
  public var commandLine: Observed<String>
  public var processor: Processor
  /// PCI drivers that are registered (`/sys/bus/pci/drivers`): built in or loaded.
  public var drivers: Observed<[String]>
  public var modules: Observed<[String]>
  /// Files in which the kernel's parameters are set on this host.
  public var bootLoaderFiles: [String]
  /// Another one after each boot (`/proc/sys/kernel/random/boot_id`).
  public var bootID: String?
  /// Whether `/dev/vfio/vfio` is there: libvirt takes a host without it for one that has no VFIO. Nil where that was not
  /// recorded.
  public var hasVFIO: Bool?

  public init(
    release: String?, commandLine: Observed<String>, processor: Processor, drivers: Observed<[String]>,
    modules: Observed<[String]>, bootLoaderFiles: [String], bootID: String? = nil,
    hasVFIO: Bool? = nil
  ) {
    self.release = release
    self.commandLine = commandLine
    self.processor = processor
    self.drivers = drivers
    self.modules = modules
    self.bootLoaderFiles = bootLoaderFiles
    self.bootID = bootID
    self.hasVFIO = hasVFIO
  }

  static let form = Form<Kernel>.record(
    "Kernel", "The running kernel.",
    Field("release", \.release, optional: .remark, "As `uname -r` prints it."),
    Field("commandLine", \.commandLine, Form<String>.remark.observed, "/proc/cmdline"),
    Field("processor", \.processor, .choice("a processor's maker"), "Whose IOMMU it is."),
    Field(
      "drivers", \.drivers, Form<[String]>.list(of: .fileName("a driver's name")).observed,
      "Registered PCI drivers."),
    Field(
      "modules", \.modules, Form<[String]>.list(of: .fileName("a module's name")).observed,
      "/proc/modules; what is built in is not listed there."),
    Field(
      "bootLoaderFiles", \.bootLoaderFiles, .list(of: .remark), default: [],
      "Files that set the kernel's parameters here."),
    Field("bootID", \.bootID, optional: .remark, "/proc/sys/kernel/random/boot_id"),
    Field("vfio", \.hasVFIO, optional: .boolean, "Whether /dev/vfio/vfio is there."), make: Kernel.init)
}

import Documents
import HostModel

/// The options of a run that the journal records in addition to the plan, so that an undo does not
/// depend on the environment or a command line.
public struct RunRecord: Sendable, Equatable {
  /// The process that carries out the run; `nil` if /proc did not show it.
  public var process: ProcessIdentity?
  /// The connection URI of libvirt; `nil` is the default of the library.
  public var libvirt: String?
  /// `--step-timeout`, in seconds.
  public var stepTimeout: Int
  /// `--unplug-timeout`, in seconds.
  public var unplugTimeout: Int
  /// The number of steps that may run at the same time (`--jobs`).
  public var jobs: Int

  public init(
    process: ProcessIdentity?, libvirt: String?, stepTimeout: Int, unplugTimeout: Int, jobs: Int
  ) {
    self.process = process
    self.libvirt = libvirt
    self.stepTimeout = stepTimeout
    self.unplugTimeout = unplugTimeout
    self.jobs = jobs
  }

  static let form = Form<RunRecord>.record(
    "Run", "How a run is executed.",
    Field("process", \.process, optional: ProcessIdentity.form, "The process that executes it."),
    Field("libvirt", \.libvirt, optional: .freeText, "The libvirt connection URI."),
    Field("stepTimeout", \.stepTimeout, .integer(1...3600), "--step-timeout, in seconds."),
    Field("unplugTimeout", \.unplugTimeout, .integer(1...3600), "--unplug-timeout, in seconds."),
    Field("jobs", \.jobs, .integer(1...64), "--jobs"), make: RunRecord.init)
}

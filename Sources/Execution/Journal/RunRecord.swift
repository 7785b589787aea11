import Documents
import HostModel

/// What is written down of a run besides its plan, so that its way back depends on no environment and no command line.
public struct RunRecord: Sendable, Equatable {
  /// The process that carries it out; nil where /proc did not show it.
  public var process: ProcessIdentity?
  /// The libvirt that it talks to: a connection URI. Nil is the library's default.
  public var libvirt: String?
  /// `--step-timeout` and `--unplug-timeout`, in seconds.
  public var stepTimeout: Int
  public var unplugTimeout: Int
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
    "Run", "How a run is carried out.",
    Field("process", \.process, optional: ProcessIdentity.form, "The process that carries it out."),
    Field("libvirt", \.libvirt, optional: .remark, "libvirt's connection URI."),
    Field("stepTimeout", \.stepTimeout, .integer(1...3600), "--step-timeout, in seconds."),
    Field("unplugTimeout", \.unplugTimeout, .integer(1...3600), "--unplug-timeout, in seconds."),
    Field("jobs", \.jobs, .integer(1...64), "--jobs"), make: RunRecord.init)
}

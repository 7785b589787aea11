/// A line of a boot loader's file that sets the kernel's parameters.
public struct BootLine: Sendable, Equatable {
  public var file: String
  /// Counted from 1.
  public var line: Int
  /// What it sets: GRUB_CMDLINE_LINUX, options, linux; empty where the line is nothing but parameters.
  public var setting: String
  public var parameters: [String]

  public init(file: String, line: Int, setting: String, parameters: [String]) {
    self.file = file
    self.line = line
    self.setting = setting
    self.parameters = parameters
  }
}

extension BootLine: CustomStringConvertible {
  public var description: String { "\(file):\(line)" }
}

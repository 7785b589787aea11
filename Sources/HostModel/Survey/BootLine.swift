/// A line in a file of a boot loader that sets the kernel's parameters.
public struct BootLine: Sendable, Equatable {
  public var file: String
  /// The line number, counted from 1.
  public var line: Int
  /// The variable or keyword that the line sets: `GRUB_CMDLINE_LINUX`, `options`, `linux`. Empty if
  /// the line consists of parameters only.
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

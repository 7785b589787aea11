/// Where a module of the running kernel comes from.
public enum ModuleFile: Sendable, Equatable {
  case builtIn
  /// The path of the file below the release's folder in /lib/modules.
  case loadable(String)
  case missing
}

/// A line of modprobe's configuration that sets parameters of a module (modprobe.d(5)).
public struct ModuleOption: Sendable, Equatable {
  public var file: String
  /// The line number, counted from 1.
  public var line: Int
  public var module: String
  public var settings: [String]

  public init(file: String, line: Int, module: String, settings: [String]) {
    self.file = file
    self.line = line
    self.module = module
    self.settings = settings
  }
}

extension ModuleOption: CustomStringConvertible {
  public var description: String { "\(file):\(line)" }
}

/// Where a module of the running kernel is to be had from.
public enum ModuleFile: Sendable, Equatable {
  case builtIn
  /// Below the release's folder of `/lib/modules`.
  case loadable(String)
  case missing
}

/// What a line of modprobe's configuration sets a module to.
public struct ModuleOption: Sendable, Equatable {
  public var file: String
  /// Counted from 1.
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

import HostModel

/// The value of a module's parameter, and where it was found.
struct ModuleSetting {
  let isOn: Bool
  let words: String
}

extension ExaminedHost {
  /// Returns the present value, or, if the module is not loaded, the value that it will have. `nil` if
  /// nothing sets the parameter.
  func setting(of parameter: String, in module: String) -> Observed<ModuleSetting?> {
    guard case .known(let parameters) = survey.moduleParameters else {
      return .unavailable(survey.moduleParameters.reason ?? "")
    }
    if let value = parameters["\(module).\(parameter)"] {
      let places = assignments(of: parameter, in: module).map { ", set by \($0.place)" }.joined()
      return .known(
        ModuleSetting(
          isOn: Self.isOn(value), words: "/sys/module/\(module)/parameters/\(parameter) is \(value)\(places)")
      )
    }
    // The last assignment counts.
    return .known(
      assignments(of: parameter, in: module).last.map {
        ModuleSetting(isOn: Self.isOn($0.value), words: "\($0.place) sets \(parameter)=\($0.value)")
      })
  }

  /// Returns the assignments to a module's parameter: those in the configuration of modprobe(8), then those
  /// on the kernel's command line.
  func assignments(of parameter: String, in module: String) -> [(place: String, value: String)] {
    let options = (survey.moduleOptions.value ?? []).filter { $0.module == module }.flatMap { option in
      option.settings.compactMap { Self.value(of: parameter, in: $0).map { ("\(option)", $0) } }
    }
    let words = (state.kernel.commandLine.value ?? "").split(separator: " ").compactMap { word in
      let parts = word.split(separator: ".", maxSplits: 1)
      guard parts.count == 2, Drivers.normalised(String(parts[0])) == module else { return nil as String? }
      return Self.value(of: parameter, in: String(parts[1]))
    }
    return options + words.map { ("the kernel command line", $0) }
  }

  private static func value(of parameter: String, in setting: String) -> String? {
    if setting == parameter { return "Y" }
    return setting.hasPrefix(parameter + "=") ? String(setting.dropFirst(parameter.count + 1)) : nil
  }

  /// Whether the kernel reads the value as true.
  private static func isOn(_ value: String) -> Bool { ["Y", "y", "1", "on"].contains(value) }
}

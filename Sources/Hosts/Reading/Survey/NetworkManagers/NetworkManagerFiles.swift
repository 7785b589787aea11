import Files
import HostModel
import SystemPackage

/// Reads the configuration and the connection profiles of NetworkManager (NetworkManager.conf(5),
/// nm-settings-keyfile(5)).
struct NetworkManagerFiles {
  let functions: [PCIFunction]
  let scratch: Scratch

  func settings(_ tree: borrowing Tree) throws(FileError) -> NetworkManagerSettings {
    var merged = MergedSettings()
    for path in try Self.paths(tree) {
      guard let content = try ConfigurationFiles.content(of: path, tree) else { continue }
      let keys = SectionedKey.all(of: content, path, .keyfile)
      let enable = keys.last { $0.section == ".config" && $0.key == "enable" }
      if enable?.isFalse ?? false { continue }
      if let enable, !enable.isTrue, keys.contains(where: MergedSettings.decides) {
        throw FileError(tree.name(of: path), reason: "pcipass does not evaluate enable=\(enable.value)")
      }
      merged.add(keys)
    }
    var settings = merged.settings
    settings.unmanagedByUdev = unmanagedByUdev(tree)
    do {
      let state = "var/lib/NetworkManager/no-auto-default.state"
      for (number, line) in ConfigurationFiles.lines(
        try ConfigurationFiles.content(of: state, tree) ?? [], .keyfile)
      {
        settings.noAutoDefault.append(ConfigurationWord(line, ConfigurationLine("/" + state, number)))
      }
      settings.profiles = .known(try Self.profiles(tree))
    } catch { settings.profiles = .unavailable(error.description) }
    return settings
  }

  /// The configuration files in the order in which NetworkManager reads them. A file in /etc replaces one of the
  /// same name in /run and /usr/lib, although it is read later.
  private static func paths(_ tree: borrowing Tree) throws(FileError) -> [String] {
    let folders = ["etc", "run", "usr/lib"].map { $0 + "/NetworkManager/conf.d" }
    let all = try ConfigurationFiles.paths(in: folders, tree) { $0.hasSuffix(".conf") }
    let (etc, run, lib) = (folders[0], folders[1], folders[2])
    return all.filter { $0.hasPrefix(lib + "/") } + all.filter { $0.hasPrefix(run + "/") }
      + ["etc/NetworkManager/NetworkManager.conf"] + all.filter { $0.hasPrefix(etc + "/") }
  }

  /// The interfaces with the property NM_UNMANAGED in the database of udev. It has only interfaces that exist.
  private func unmanagedByUdev(_ tree: borrowing Tree) -> Set<String> {
    var found: Set<String> = []
    for function in functions {
      for interface in function.interfacesInHostNamespace {
        let folder =
          tree.isLive ? "sys/class/net/" : "sys/devices/\(function.path ?? "")/net/"
        guard
          let index = (try? tree.folder(folder + interface.name).read("ifindex", scratch))?.trimmed.decimal,
          let content = try? ConfigurationFiles.content(of: "run/udev/data/n\(index)", tree)
        else { continue }
        let lines = ConfigurationFiles.lines(content, .keyfile)
        if lines.contains(where: { $0.text == "E:NM_UNMANAGED=1" }) { found.insert(interface.name) }
      }
    }
    return found
  }

  private static func profiles(_ tree: borrowing Tree) throws(FileError) -> [ConnectionProfile] {
    let scripts = "etc/sysconfig/network-scripts"
    if let script = try ConfigurationFiles.names(in: scripts, tree)
      .first(where: { $0.hasPrefix("ifcfg-") && $0 != "ifcfg-lo" })
    {
      throw FileError(
        tree.name(of: scripts + "/" + script), reason: "pcipass does not read profiles of this format")
    }
    var profiles: [ConnectionProfile] = []
    var seen: Set<String> = []
    // A profile in /run has precedence over one with the same UUID in /etc, and that over one in /usr/lib.
    for folder in ["run", "etc", "usr/lib"].map({ $0 + "/NetworkManager/system-connections" }) {
      for name in try ConfigurationFiles.names(in: folder, tree) {
        guard name.hasSuffix(".nmconnection") || folder.hasPrefix("etc") && isProfile(name) else { continue }
        let path = folder + "/" + name
        guard let content = try ConfigurationFiles.content(of: path, tree) else { continue }
        let keys = SectionedKey.all(of: content, path, .keyfile)
        let uuid = keys.last { $0.section == "connection" && $0.key == "uuid" }?.value ?? path
        guard seen.insert(uuid).inserted, let profile = profile(keys, path) else { continue }
        profiles.append(profile)
      }
    }
    return profiles
  }

  /// Whether NetworkManager reads a file of this name, which has no suffix, as a profile.
  private static func isProfile(_ name: String) -> Bool {
    !name.hasPrefix(".") && !name.hasSuffix("~") && !name.hasSuffix(".nmmeta") && !name.hasSuffix(".bak")
  }

  /// Nil for a profile that is not for a NIC, such as one of a bridge.
  private static func profile(_ keys: [SectionedKey], _ path: String) -> ConnectionProfile? {
    let nic = ["ethernet", "802-3-ethernet", "infiniband"]
    var profile = ConnectionProfile(file: "/" + path)
    var type: String?
    for key in keys {
      switch (key.section, key.key) {
      case ("connection", "type"): type = key.value
      case ("connection", "interface-name"): profile.interface = key.value.isEmpty ? nil : key.value
      case ("connection", "autoconnect"): profile.isAutomatic = !key.isFalse
      case (let section, "mac-address") where nic.contains(section) && !key.value.isEmpty:
        profile.mac = MACAddress(key.value)
        if profile.mac == nil { profile.otherConditions.append(key.key) }
      case (let section, "mac-address-blacklist"), (let section, "mac-address-denylist"):
        if nic.contains(section), !key.value.isEmpty { profile.otherConditions.append(key.key) }
      case ("match", _): if !key.value.isEmpty { profile.otherConditions.append("match." + key.key) }
      default: continue
      }
    }
    profile.isInfiniBand = type == "infiniband"
    return type.map(nic.contains) ?? false ? profile : nil
  }
}

/// The keys of all configuration files of NetworkManager, where a later file replaces or extends what an earlier
/// one says.
private struct MergedSettings {
  private var lists: [String: [ConfigurationWord]] = [:]
  /// The `[device…]` sections in the order of their precedence.
  private var sections: [String] = []

  /// Whether the key is one of those that pcipass evaluates.
  static func decides(_ key: SectionedKey) -> Bool {
    let name = key.key.hasSuffix("+") || key.key.hasSuffix("-") ? String(key.key.dropLast()) : key.key
    return switch (key.section, name) {
    case ("main", "plugins"), ("main", "no-auto-default"), ("keyfile", "unmanaged-devices"),
      ("ifupdown", "managed"):
      true
    default: key.section.hasPrefix("device") && ["match-device", "managed"].contains(name)
    }
  }

  /// Adds the keys of one file.
  mutating func add(_ keys: [SectionedKey]) {
    var added: [String] = []
    for key in keys where Self.decides(key) {
      let words = Self.words(key.value).map { ConfigurationWord($0, key.origin) }
      let name = key.section + "\n" + key.key
      switch key.key.last {
      case "+": lists[String(name.dropLast()), default: []] += words
      case "-": lists[String(name.dropLast())]?.removeAll { word in words.contains { $0.text == word.text } }
      default: lists[name] = words
      }
      if key.section.hasPrefix("device"), !sections.contains(key.section), !added.contains(key.section) {
        added.append(key.section)
      }
    }
    // The sections of a later file come first, and `[device]` comes last.
    sections = added + sections
  }

  var settings: NetworkManagerSettings {
    var settings = NetworkManagerSettings()
    settings.unmanaged = lists["keyfile\nunmanaged-devices"] ?? []
    settings.noAutoDefault = lists["main\nno-auto-default"] ?? []
    let plugins = lists["main\nplugins"] ?? []
    settings.leavesInterfacesFile =
      plugins.contains { $0.text == "ifupdown" } && !isTrue(lists["ifupdown\nmanaged"]?.first)
    settings.sections = (sections.filter { $0 != "device" } + ["device"]).compactMap { section in
      lists[section + "\nmanaged"]?.first.map {
        NetworkManagerSettings.DeviceSection(
          match: lists[section + "\nmatch-device"], isManaged: isTrue($0), origin: $0.origin)
      }
    }
    return settings
  }

  private func isTrue(_ word: ConfigurationWord?) -> Bool {
    ["true", "yes", "on", "1"].contains(word?.text.lowercased() ?? "")
  }

  /// The words of a list, divided at commas and semicolons. A backslash escapes the character after it.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isEscaped || !(scalar == "," || scalar == ";" || scalar == "\\") {
        word.unicodeScalars.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        words.append(word)
        word = ""
      }
    }
    return (words + [word]).map { ConfigurationFiles.trimmed($0) }.filter { !$0.isEmpty }
  }
}

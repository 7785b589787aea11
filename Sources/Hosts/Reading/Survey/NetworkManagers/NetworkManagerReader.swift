import Files
import HostModel
import SystemPackage

/// Reads which network managers the host uses, and their configuration.
struct NetworkManagerReader {
  let functions: [PCIFunction]
  let scratch: Scratch

  func read(_ tree: borrowing Tree) -> NetworkManagers {
    var managers = NetworkManagers(unknown: "not read")
    let running = Self.running(tree, scratch)
    switch running {
    case .unavailable(let reason): managers = NetworkManagers(unknown: reason)
    case .known(let names):
      managers.networkManager = names.contains("NetworkManager") ? settings(tree) : .known(nil)
      managers.networkd = names.contains("systemd-networkd") ? Self.networkFiles(tree) : .known(nil)
    }
    managers.ifupdown = InterfacesFile.read(tree)
    managers.netplan = NetplanFiles.read(tree)
    return managers
  }

  private func settings(_ tree: borrowing Tree) -> Observed<NetworkManagerSettings?> {
    do { return .known(try NetworkManagerFiles(functions: functions, scratch: scratch).settings(tree)) } catch
    {
      return .unavailable(error.description)
    }
  }

  private static func networkFiles(_ tree: borrowing Tree) -> Observed<[NetworkFile]?> {
    do { return .known(try NetworkFiles.read(tree)) } catch { return .unavailable(error.description) }
  }

  /// The managers that run in the network namespace of the host. Those of containers are processes of the host,
  /// too, and configure other interfaces.
  private static func running(_ tree: borrowing Tree, _ scratch: Scratch) -> Observed<Set<String>> {
    do {
      let proc = try tree.folder("proc")
      let processes = try proc.processes()
      guard tree.isLive || !processes.isEmpty else {
        return .unavailable("a captured file tree has no processes")
      }
      guard !tree.isLive || processes.first == 1 else {
        return .unavailable("the processes of other users are hidden")
      }
      let own = namespace(of: 1, proc, scratch)
      var found: Set<String> = []
      for process in processes {
        guard let name = manager(process, proc, scratch) else { continue }
        // Users other than root cannot read the namespace; the process then counts as one of the host.
        let other = namespace(of: process, proc, scratch)
        if own == nil || other == nil || own == other { found.insert(name) }
      }
      return .known(found)
    } catch { return .unavailable(tree.name(of: "proc") + ": " + error.description) }
  }

  private static func manager(_ process: Int, _ proc: borrowing Folder, _ scratch: Scratch) -> String? {
    // A process that has ended in the meantime is not a manager that runs.
    guard let folder = try? proc.folder("\(process)"), let comm = try? folder.read("comm", scratch).trimmed,
      // The kernel keeps 15 bytes of a name.
      comm.isEqual(to: "NetworkManager") || comm.isEqual(to: "systemd-network"),
      let file = try? folder.file("cmdline"), var arguments = try? file.start(upTo: 4096, scratch)
    else { return nil }
    let name = Bytes.cut(&arguments, at: 0).lastComponent.text
    return name == "NetworkManager" || name == "systemd-networkd" ? name : nil
  }

  private static func namespace(
    of process: Int, _ proc: borrowing Folder, _ scratch: Scratch
  ) -> String? {
    guard let folder = try? proc.folder("\(process)/ns") else { return nil }
    return (try? folder.link("net", scratch))?.text
  }
}

import Documents
import Files
import HostModel
import Hosts
import Planning
import Reporting
import SystemPackage

/// The import of all hosts whose snapshots are in a folder.
extension ImportCommand {
  /// Imports the hosts whose snapshots can be read, then reports the others.
  func importFleet(_ folder: String, on terminal: Terminal) throws(Diagnostics) -> ExitStatus {
    guard !force else {
      throw Diagnostics(
        code: "usage", "--force cannot be used with a folder of snapshots",
        help: "write to a new folder: --out FOLDER")
    }
    terminal.showWaiting("importing the snapshots")
    defer { terminal.endWaiting() }
    let (states, problems) = try snapshots(in: folder)
    guard !states.isEmpty else { throw Diagnostics(problems) }
    warnOfLibvirt(states, on: terminal)
    let result = FleetImport(states.map { HostIndex($0) }, includesFree: free)
    let text = ImportedFleetText(result, on: states)
    if let out {
      try NewFolder(out).fill(text.files)
      terminal.write("wrote \(printable(out)): \(pluralised(text.files.count, "file"))\n")
      terminal.write(text.summary)
      terminal.writeNext("Next: pcipass plan \(shellWord(out)) --state \(shellWord(folder))")
    } else {
      terminal.write(text.documents)
      terminal.writeError(text.summary)
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
    return .success
  }

  /// Reads the snapshots NAME.json in the order of their names.
  ///
  /// - Returns: the hosts, and the reasons why others could not be read.
  private func snapshots(in folder: String) throws(Diagnostics) -> ([HostState], [Diagnostic]) {
    var names = observation.options.hosts
    if names.isEmpty {
      do throws(Errno) { names = try Folder.shownNames(at: folder, followsLink: true) } catch {
        throw .unreadable(FileError(folder, error))
      }
      names = names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    }
    guard !names.isEmpty else {
      throw Diagnostics(
        code: "no-host", "\(folder) contains no snapshot",
        help: "write one for each host: pcipass snapshot, to \(folder)/NAME.json")
    }
    names = Set(names).sorted()
    let found = inParallel(count: names.count, atLeast: 4) { [names] part in
      part.map { number in
        Result { () throws(Diagnostics) in try Self.snapshot(of: names[number], in: folder) }
      }
    }
    var states: [HostState] = []
    var problems: [Diagnostic] = []
    for result in found {
      switch result {
      case .success(let state): states.append(state)
      case .failure(let error): problems += error.all
      }
    }
    return (states, problems)
  }

  private static func snapshot(of host: String, in folder: String) throws(Diagnostics) -> HostState {
    let path = "\(folder)/\(host).json"
    let state = try HostState.read(path)
    guard state.host == host else {
      throw Diagnostics(code: "wrong-host", "\(path) is a snapshot of \(state.host), not of \(host)")
    }
    return state
  }

  private func warnOfLibvirt(_ states: [HostState], on terminal: Terminal) {
    terminal.warn(
      states.compactMap { state in
        state.libvirt.reason.map { reason in
          Diagnostic(
            .warning, code: "unavailable",
            "\(state.host): libvirt guests are left out, because their devices are unknown: \(reason)")
        }
      })
  }
}

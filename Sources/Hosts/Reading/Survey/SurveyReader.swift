import Documents
import Files
import Glibc
import HostModel
import SystemPackage

/// Reads what doctor checks beyond the state of a host: of this machine, or of a tree as far as files show
/// it.
public struct SurveyReader: Sendable {
  private let root: String
  private let stateFolder: String?
  private let libvirt: String?

  /// - Parameters:
  ///   - root: `/`, or a folder that contains `sys`, `proc` and so on.
  ///   - stateFolder: the folder of the journals; nil if there is none.
  ///   - libvirt: the URI of libvirt; nil for the default of the library.
  public init(root: String, stateFolder: String?, libvirt: String?) {
    self.root = root
    self.stateFolder = stateFolder
    self.libvirt = libvirt
  }

  /// Reads the survey. What cannot be read is `unavailable` with its reason.
  public func read(_ state: HostState) -> Survey {
    let tree: Tree
    do { tree = try Tree(root) } catch { return Survey(unknown: root + ": " + error.description) }
    let scratch = Scratch(capacity: 128 << 10)
    var survey = Survey(unknown: "it is not recorded in a captured file tree")
    survey.processorFlags = ProcessorReader.flags(tree, scratch)
    survey.kvm = ProcessorReader.kvm(tree)
    survey.interrupts = ProcessorReader.interrupts(tree, scratch)
    survey.firmwareTables = ProcessorReader.firmwareTables(tree)
    survey.bootLines = BootLines.read(state.kernel.bootLoaderFiles, tree, scratch)
    survey.vfioModule = ModuleFiles.find("vfio-pci", release: state.kernel.release, tree, scratch)
    survey.moduleParameters = ModuleFiles.settings(tree, scratch)
    survey.moduleOptions = ModuleFiles.options(tree, scratch)
    let functions = FunctionSurvey(functions: state.functions, scratch: scratch)
    survey.resets = functions.resets(tree)
    survey.isolation = functions.isolation(tree)
    survey.lockers = MemoryLockers.read(tree, scratch)
    survey.daemons = InstalledPrograms.daemons(tree)
    survey.emulators = InstalledPrograms.emulators(tree)
    survey.driverctl = DriverctlFiles.read(tree, scratch)
    survey.networkManagers = NetworkManagerReader(functions: state.functions, scratch: scratch).read(tree)
    survey.bootSetup = BootSetupReader.read(tree)
    guard tree.isLive else { return survey }
    survey.user = .known(Int(geteuid()))
    survey.libvirt = Libvirt.service(at: libvirt)
    if let stateFolder { survey.stateFolder = .known(Self.condition(of: stateFolder)) }
    return survey
  }

  /// Whether pcipass can read and write its files in this folder.
  public static func condition(of folder: String) -> StateFolderCondition {
    do throws(FileError) {
      guard try StateFolder.existing(folder) != nil else { return .missing(folder) }
    } catch { return .refused(error.description) }
    do throws(Diagnostics) { _ = try IdentityStore.load(from: folder) } catch {
      return .refused(error.all.map(\.message).joined(separator: "; "))
    }
    guard access(folder, W_OK) == 0 else {
      return .refused("\(folder): \(Errno(rawValue: errno).description)")
    }
    return .usable(folder)
  }
}

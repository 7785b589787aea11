import ArgumentParser
import Documents
import Manifests
import Planning

struct DrainCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Show which guests leave a NIC or a port, and what they get instead.",
    discussion: """
      drain prints the plan in which no claim of a pool is assigned a VF of this NIC or port. It changes \
      nothing. A saved plan can be applied. The plan is refused if the other ports have no room, or if a claim \
      names what is drained. Afterwards, take the port out of its pool with exclude: otherwise new claims may \
      get its VFs again.

      EXIT STATUS:
        0  planned; with --detailed-exitcode: no changes
        1  an error
        2  with --detailed-exitcode: there are changes
        3  the plan is refused: no room, or a claim names what is drained

      EXAMPLES:
        pcipass drain fast/0000:03:00.0 fleet/
        pcipass drain fast/1 fleet/ --state hv01.json  from a snapshot
        pcipass drain fast/1 fleet/ --out drain.plan   for pcipass apply
      """)

  @Argument(
    help: "The NIC, pool or port: NAME, or POOL/PORT with the address or the number of the port.",
    completion: .nics, transform: NICReference.drained)
  var nic: NICReference

  @OptionGroup var plan: PlanOptions

  mutating func validate() throws {
    if plan.manifests.part == .host {
      throw ValidationError("drain shows what guests get, and --part host does not look at guests")
    }
  }

  var output: OutputOptions { plan.output }
  var outputFormat: OutputFormat { plan.outputFormat }

  func run(on terminal: Terminal) throws -> ExitStatus { try plan.run(drained: [nic], on: terminal) }
}

extension NICReference {
  /// Parses the argument of `drain`.
  fileprivate static func drained(_ text: String) throws -> NICReference {
    guard let reference = NICReference(text), !reference.isAny,
      reference.virtualFunction == nil || reference.port == nil
    else {
      throw ValidationError("'\(printable(text))' is not NAME or POOL/PORT")
    }
    return reference
  }
}

import ArgumentParser
import Documents
import HostModel
import Manifests
import Planning
import Reporting

struct SchemaCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema (2020-12) of a format that pcipass reads or writes.",
    discussion: """
      pcipass generates the schemas from the declarations that it uses to read and write the formats.

      EXIT STATUS:
        0   done
        64  the command line is wrong

      EXAMPLES:
        pcipass schema host > host.schema.json
      """)

  enum SchemaName: String, CaseIterable, ExpressibleByArgument {
    case host, guest
    case hostClass = "host-class"
    case hostState = "host-state"
    case plan
    case planList = "plan-list"
    case status
    case statusList = "status-list"
    case devices, doctor, explain, history, run, boot, validation, failure

    /// The schema of the document with its title. A document that pcipass reads has a `Form`, one
    /// that it only prints an `OutputForm`.
    private var schema: (Schema, title: String) {
      switch self {
      case .host: (HostManifest.form.schema, "pcipass Host")
      case .guest: (GuestManifest.form.schema, "pcipass Guest")
      case .hostClass: (HostClassManifest.form.schema, "pcipass HostClass")
      case .hostState: (HostState.form.schema, "pcipass host state (snapshot)")
      case .plan: (PlanDocument.schema, "pcipass plan")
      case .planList: (PlanJSON.list.schema, "pcipass plan --format json, several hosts")
      case .status: (StatusJSON.form.schema, "pcipass status --format json")
      case .statusList: (FleetStatusJSON.form.schema, "pcipass status --format json, several hosts")
      case .devices: (DeviceJSON.form.schema, "pcipass devices --format json")
      case .doctor: (DoctorJSON.form.schema, "pcipass doctor --format json")
      case .history: (HistoryJSON.schema, "pcipass history --format json")
      case .run: (RunJSON.schema, "pcipass apply, rollback, recover, confirm and show --format json")
      case .boot: (BootJSON.form.schema, "pcipass boot --format json")
      case .validation: (DiagnosticJSON.validationSchema, "pcipass validate --format json")
      case .failure: (FailureJSON.schema, "pcipass --format json, where a command fails")
      case .explain: (ExplanationJSON.form.schema, "pcipass explain --format json")
      }
    }

    var document: JSON {
      let (schema, title) = schema
      return schema.document(id: "https://pcipass.dev/schemas/v1/\(rawValue).schema.json", title: title)
    }
  }

  @OptionGroup var output: OutputOptions

  @Argument(help: "Which one.")
  var name: SchemaName

  func run(on terminal: Terminal) -> ExitStatus {
    terminal.write(name.document.text + "\n")
    return .success
  }
}

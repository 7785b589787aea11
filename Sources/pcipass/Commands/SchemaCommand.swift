import ArgumentParser
import Documents
import HostModel
import Manifests
import Planning

struct SchemaCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print a JSON Schema (2020-12) of what pcipass reads and writes.",
    discussion: """
      They come from the declarations that pcipass decodes by.

      EXIT STATUS:
        0  printed

      EXAMPLES:
        pcipass schema host > host.schema.json
      """)

  enum SchemaName: String, CaseIterable, ExpressibleByArgument {
    case host, guest
    case hostState = "host-state"
    case plan

    var document: JSON {
      let id = "urn:pcipass:v1:\(rawValue)"
      return switch self {
      case .host: HostManifest.form.schema.document(id: id, title: "pcipass Host")
      case .guest: GuestManifest.form.schema.document(id: id, title: "pcipass Guest")
      case .hostState: HostState.form.schema.document(id: id, title: "pcipass host state (snapshot)")
      case .plan: PlanDocument.schema(id: id, title: "pcipass plan")
      }
    }
  }

  @Argument(help: "Which one.")
  var name: SchemaName

  func run(on terminal: Terminal) -> ExitStatus {
    terminal.write(name.document.text + "\n")
    return .success
  }
}

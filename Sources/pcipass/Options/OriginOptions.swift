import ArgumentParser
import Documents
import Manifests

/// The name of manifests that come from standard input or a temporary file.
struct OriginOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The name that replaces the path of the manifests in messages, plans, journals and explain.",
      valueName: "name"))
  var origin: String?

  mutating func validate() throws {
    guard let origin else { return }
    guard (1...1000).contains(origin.utf8.count), printable(origin) == origin else {
      throw ValidationError("--origin must be a name of 1 to 1000 printable characters")
    }
  }

  /// The manifests below the paths, with all their errors.
  func loader(_ paths: [String]) throws(Diagnostics) -> Loader {
    if origin != nil, paths.count != 1 {
      throw Diagnostics(code: "usage", "--origin needs exactly one path, and there are \(paths.count)")
    }
    return Loader.load(paths, origin: origin)
  }

  /// The manifests below the paths.
  ///
  /// - Throws: all diagnostics, if an error may concern every host.
  func manifests(_ paths: [String]) throws(Diagnostics) -> LoadedManifests {
    try LoadedManifests(try loader(paths))
  }
}

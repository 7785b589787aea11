import Foundation
import Testing

/// Shells that complete a line as after the Tab key.
enum Shell: String, CaseIterable, CustomTestStringConvertible {
  case bash, zsh, fish

  var testDescription: String { rawValue }

  /// Returns the candidates of the shell for the line, without descriptions.
  ///
  /// - Parameter files: the names of files in a new folder, in which the shell then runs. Without
  ///   files it runs in the project's folder.
  func offers(_ line: String, with files: [String] = []) throws -> [String] {
    let folder = try TemporaryFolder()
    for file in files { try folder.write("", to: file) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("pcipass"), withDestinationPath: Pcipass.binary.path)
    try folder.write(try Pcipass.run("completion", rawValue).output, to: "script")
    let result = try Pcipass.run(
      arguments(line),
      environment: [
        "PATH": folder.url.path + ":/usr/bin:/bin", "SCRIPT": folder.path("script"), "LINE": line,
        "PLACE": files.isEmpty ? Pcipass.root.path : folder.url.path, "FOUND": folder.path("found"),
        "HOME": folder.url.path, "LC_ALL": "C.UTF-8",
      ], executable: URL(filePath: "/usr/bin/" + rawValue))
    #expect(result.error == "", "\(line)")
    let found = self == .zsh ? try folder.text("found") : result.output
    return withExtendedLifetime(folder) {
      found.split(separator: "\n").map { row in
        var word = String(row.prefix { $0 != "\t" })
        if self == .bash { word = Self.inLine(line, upTo: ":") + word }
        // zsh reports a file by its name, without the folder.
        let folder = Self.inLine(line, upTo: "/")
        if self == .zsh, !word.hasPrefix(folder) { word = folder + word }
        // Some shells add a slash to a folder at once.
        return word.hasSuffix("/") ? String(word.dropLast()) : word
      }
    }
  }

  private func arguments(_ line: String) -> [String] {
    switch self {
    case .bash:
      ["--norc", "--noprofile", "-c", Self.bashScript, "bash"] + Self.words(line)
    case .zsh: ["-f", "-c", Self.zshScript]
    case .fish: ["--no-config", "-c", "cd $PLACE; source $SCRIPT; complete -C $LINE"]
    }
  }

  /// Splits a line as bash does: at blanks, and with each `:` and `=` as a separate word.
  private static func words(_ line: String) -> [String] {
    line.matches(of: /[:=]|[^\s:=]+/).map { String($0.output) } + (line.last == " " ? [""] : [])
  }

  /// Returns the part of the last word that the shell leaves unchanged.
  private static func inLine(_ line: String, upTo mark: Character) -> String {
    let word = line.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
    return word.lastIndex(of: mark).map { String(word[...$0]) } ?? ""
  }

  private static let bashScript = #"""
    cd "$PLACE" && source "$SCRIPT"
    COMP_LINE="$LINE" COMP_POINT=${#LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    current="${COMP_WORDS[COMP_CWORD]}"
    [[ "$current" != [:=] ]] || current=
    COMPREPLY=()
    "$(complete -p pcipass | sed 's/.*-F \([^ ]*\).*/\1/')" pcipass "$current" "${COMP_WORDS[COMP_CWORD - 1]}"
    [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
    """#

  /// Runs zsh on a separate terminal, with a compadd that records its matches.
  private static let zshScript = #"""
    cd $PLACE
    zmodload zsh/zpty
    : > $FOUND
    zpty -b shell zsh -f -i
    zpty -w shell 'PROMPT=; autoload -Uz compinit; compinit -u -D; source $SCRIPT'
    zpty -w shell 'compadd() {
      if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
      local -a found; builtin compadd -A found "$@"; print -rl -- $found >> $FOUND; builtin compadd "$@"
    }'
    zpty -w shell 'over() { : > $FOUND.over }; bindkey "^I" complete-word'
    zpty -w shell 'before() { comppostfuncs=(over) }; compprefuncs=(before)'
    zpty -w shell 'print REA""DY'
    while zpty -r shell line; do [[ $line = *READY* ]] && break; done
    zpty -w -n shell $LINE$'\t'
    for i in {1..200}; do [[ -e $FOUND.over ]] && break; sleep 0.05; done
    zpty -d shell
    """#
}

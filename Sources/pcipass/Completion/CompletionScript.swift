import ArgumentParser

/// swift-argument-parser's completion scripts with a few changes: if `pcipass` is missing or
/// reports an error, the script must not write into the command line that is being typed.
///
/// If the parser's script is not the expected one, it is left unchanged, and a test fails.
enum CompletionScript {
  static var bash: String { script(for: .bash) }
  static var zsh: String { script(for: .zsh) }
  static var fish: String { script(for: .fish) }

  /// A part of the parser's script and the text that replaces it.
  struct Patch: Sendable {
    let original: String
    let replacement: String
    let expected: Occurrences

    enum Occurrences: Sendable {
      case once
      /// As often as another text of the script, and at least once.
      case asOften(as: String)
    }

    func fits(_ script: String) -> Bool {
      let count = script.ranges(of: original).count
      switch expected {
      case .once: return count == 1
      case .asOften(let other): return count > 0 && count == script.ranges(of: other).count
      }
    }
  }

  static func patches(for shell: CompletionShell) -> [Patch] {
    switch shell {
    case .bash: bashPatches
    case .zsh: zshPatches
    case .fish: fishPatches
    default: []
    }
  }

  /// The script with all patches; unchanged if one of them does not match.
  static func patched(_ script: String, with patches: [Patch]) -> String {
    guard patches.allSatisfy({ $0.fits(script) }) else { return script }
    return patches.reduce(script) { $0.replacing($1.original, with: $1.replacement) }
  }

  private static func script(for shell: CompletionShell) -> String {
    patched(Pcipass.completionScript(for: shell), with: patches(for: shell)) + "\n"
  }

  private static let zshPatches = [
    Patch(
      original: #""${command_name}" "${@}" "${command_line[@]}""#,
      replacement: #""${command_name}" "${@}" "${command_line[@]}" 2>/dev/null"#, expected: .once)
  ]

  private static let fishPatches = [
    Patch(
      original: "command $tokens[1] $argv $tokens",
      replacement: "command $tokens[1] $argv $tokens 2>/dev/null", expected: .once),
    // Removes the position of the cursor within the word: fish 3 has it only at its own prompt, and
    // pcipass does not use it.
    Patch(
      original: "(__pcipass_tokens -tC)", replacement: "0",
      expected: .asOften(as: "(__pcipass_custom_completion ---completion ")),
  ]

  /// bash splits words at `:` and `=`, so it also splits PCI addresses and `--option=value`.
  private static let bashPatches = [
    Patch(
      original: "complete -o filenames -F _pcipass pcipass", replacement: wholeWords, expected: .once)
  ]

  private static let wholeWords = #"""
    # Joins words that bash has split, and completes them.
    __pcipass_whole_words() {
        local rest="${COMP_LINE}" piece blanks
        local -a words=()
        local -i index cword=0
        for index in "${!COMP_WORDS[@]}"; do
            piece="${COMP_WORDS[index]}"
            blanks="${rest%%[![:space:]]*}"
            rest="${rest#"${blanks}"}"
            rest="${rest#"${piece}"}"
            if [[ ${#words[@]} -eq 0 || -n "${blanks}" ]]; then
                words+=("${piece}")
            elif [[ "${piece}" = "=" && "${words[${#words[@]} - 1]}" = --* ]]; then
                words+=("")
            else
                words[${#words[@]} - 1]+="${piece}"
            fi
            [[ "${index}" -ne "${COMP_CWORD}" ]] || cword=$((${#words[@]} - 1))
        done

        local -r whole="${words[cword]}"
        local -a COMP_WORDS=("${words[@]}")
        local -i COMP_CWORD="${cword}"
        _pcipass "${1}" "${whole}" "${words[cword > 0 ? cword - 1 : 0]}" 2>/dev/null

        # The text before the last colon is already in the line.
        if [[ "${COMP_WORDBREAKS}" = *:* && "${whole}" = *:* ]]; then
            for index in "${!COMPREPLY[@]}"; do
                COMPREPLY[index]="${COMPREPLY[index]#"${whole%"${whole##*:}"}"}"
            done
        fi
        # A name that is not a file must not be quoted as a file.
        if [[ ${#COMPREPLY[@]} -gt 0 && ! -e "${COMPREPLY[0]}" && "${COMPREPLY[0]}" != "~"* ]]; then
            compopt +o filenames 2>/dev/null
        fi
    }

    complete -o filenames -F __pcipass_whole_words pcipass
    """#
}

import ArgumentParser

/// The parser's scripts, mended where they would get in the way of who types: a command that is not found or that
/// complains must not write into the line.
enum CompletionScript {
  static var zsh: String {
    Pcipass.completionScript(for: .zsh).replacing(
      #""${command_name}" "${@}" "${command_line[@]}""#,
      with: #""${command_name}" "${@}" "${command_line[@]}" 2>/dev/null"#) + "\n"
  }

  static var fish: String {
    Pcipass.completionScript(for: .fish).replacing(
      "command $tokens[1] $argv $tokens", with: "command $tokens[1] $argv $tokens 2>/dev/null"
    )
    // Where in the word the cursor is: fish 3 cannot tell outside of its prompt, and it is not asked for.
    .replacing("(__pcipass_tokens -tC)", with: "0") + "\n"
  }

  /// bash divides words at `:` and `=`, and with them addresses and `--option=value`.
  static var bash: String {
    Pcipass.completionScript(for: .bash).replacing(
      "complete -o filenames -F _pcipass pcipass", with: wholeWords) + "\n"
  }

  private static let wholeWords = #"""
    # Puts words together again that bash has divided, and completes these.
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

        # What stands before the last colon is in the line already.
        if [[ "${COMP_WORDBREAKS}" = *:* && "${whole}" = *:* ]]; then
            for index in "${!COMPREPLY[@]}"; do
                COMPREPLY[index]="${COMPREPLY[index]#"${whole%"${whole##*:}"}"}"
            done
        fi
        # A name that is no file is not quoted as one.
        if [[ ${#COMPREPLY[@]} -gt 0 && ! -e "${COMPREPLY[0]}" && "${COMPREPLY[0]}" != "~"* ]]; then
            compopt +o filenames 2>/dev/null
        fi
    }

    complete -o filenames -F __pcipass_whole_words pcipass
    """#
}

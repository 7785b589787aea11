import ArgumentParser

struct CompletionCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print a shell completion script.",
    discussion: """
      The script completes commands, options, files, and names on this host: PCI addresses, applies, and \
      the NICs and guests of the manifests on the command line or of the last apply.

      EXIT STATUS:
        0   done
        64  the command line is wrong

      EXAMPLES:
        source <(pcipass completion bash)                     use it in this shell
        pcipass completion zsh > /usr/local/share/zsh/site-functions/_pcipass
        pcipass completion fish > ~/.config/fish/completions/pcipass.fish
      """)

  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  @OptionGroup var output: OutputOptions

  @Argument(help: "The shell.")
  var shell: Shell

  func run(on terminal: Terminal) -> ExitStatus {
    switch shell {
    case .bash: terminal.write(CompletionScript.bash)
    case .zsh: terminal.write(CompletionScript.zsh)
    case .fish: terminal.write(CompletionScript.fish)
    }
    return .success
  }
}

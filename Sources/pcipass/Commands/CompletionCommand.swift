import ArgumentParser

struct CompletionCommand: PcipassCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print a script that completes pcipass's command lines in a shell.",
    discussion: """
      Commands, options, files, and what there is on this host: PCI addresses, the NICs and guests of the manifests \
      in the line (or of those that were applied last), the numbers of applies.

      EXIT STATUS:
        0  printed

      EXAMPLES:
        source <(pcipass completion bash)                     in this shell
        pcipass completion zsh > /usr/local/share/zsh/site-functions/_pcipass
        pcipass completion fish > ~/.config/fish/completions/pcipass.fish
      """)

  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  @Argument(help: "For which shell.")
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

import Planning

extension BindDriver: StepPresentation {
  func sentence(_ guest: String) -> String { "bind \(address): \(from) → \(to)" }
  var words: StepWords { .function(from.driver == nil ? "→ \(to)" : "\(from) → \(to)") }

  var details: [String] {
    [
      Self.change("driver", from.driver, to.isChosenByKernel ? "the kernel's choice" : to.driver),
      Self.change("driver_override", from.override, to.override),
    ]
  }

  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts, guest: String) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .driver(isNew ? "\(to)" : "\(from) → \(to)") }
}

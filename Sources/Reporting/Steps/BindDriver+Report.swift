import Planning

extension BindDriver: StepPresentation {
  var sentence: String { "bind \(address): \(from) → \(to)" }
  var effect: StepEffect { .changes }

  var details: [String] {
    [
      Self.change("driver", from.driver, to.isChosenByKernel ? "the kernel's choice" : to.driver),
      Self.change("driver_override", from.override, to.override),
    ]
  }

  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { timeouts.kernelWrite }
  func graphChange(isNew: Bool) -> GraphPart? { .driver(isNew ? "\(to)" : "\(from) → \(to)") }
}

import Planning

extension LoadModule: StepPresentation {
  var sentence: String { "load the kernel module \(module)" }
  var effect: StepEffect { .adds }
  var details: [String] { [] }
  var hostNetworkLoss: String { .hostNetwork }

  func waiting(_ timeouts: Timeouts) -> String? { nil }
  func graphChange(isNew: Bool) -> GraphPart? { nil }
}

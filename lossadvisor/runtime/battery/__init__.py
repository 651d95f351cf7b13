"""The battery: one loss with the chain that feeds it, tried on synthetic tensors and set beside the right chain."""

"""The language server: diagnostics while the code is written, what losses want and get, and what can be done."""

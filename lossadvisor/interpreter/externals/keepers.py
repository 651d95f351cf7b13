"""Names of external calls that give back what they are given."""

from __future__ import annotations

# Calls that give back what they are given (argument 0), possibly wrapped. Sources: the pages of these names.
KEEPERS = frozenset({
    "torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.nn.parallel.DistributedDataParallel",
    "torch.nn.parallel.distributed.DistributedDataParallel", "torch.distributed.fsdp.FullyShardedDataParallel",
    "torch.compile", "torch.jit.script", "torch.jit.trace", "torch.nn.utils.weight_norm",
    "torch.nn.utils.spectral_norm", "torch.nn.utils.parametrizations.weight_norm", "torch.quantization.prepare_qat",
    "torch.nn.utils.parametrizations.spectral_norm", "torch.nn.SyncBatchNorm.convert_sync_batchnorm", "builtins.iter",
    "apex.parallel.DistributedDataParallel", "apex.parallel.convert_syncbn_model",
    "torch.as_tensor", "torch.from_numpy", "torch.optim.swa_utils.AveragedModel", "tqdm.tqdm",
    "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook", "ray.train.torch.prepare_model",
    "torch.nn.ParameterList", "torch.nn.parameter.Parameter", "torch.nn.Parameter", "torch.quantization.convert",
    "torch.nn.modules.module.Module", "thop.profile",
})
# Methods of modules and loaders that give back the module itself. Source: the page of torch.nn.Module.
SELF_METHODS = frozenset({
    "to", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "apply", "share_memory", "xpu",
    "type", "set_swish", "from_pretrained", "to_empty",
})
# Where the graph of gradients begins. Source: the page of torch.nn.parameter.Parameter.
LEAVES = frozenset({"torch.nn.Parameter", "torch.nn.parameter.Parameter"})

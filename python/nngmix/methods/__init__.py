"""The methods NNG-Mix is compared with: mixup, cutout, CutMix, Gaussian noise and plain duplication.

Each module holds one method: its recipe, its function and its sampler. The flow is that of `nngmix.nng_mix`,
without a search: rows, then a plan, then new rows.
"""

"""The methods that make rows: NNG-Mix, and what it is compared with.

Each of `nng_mix`, `mixup`, `cutout`, `cutmix`, `gaussian_noise` and `duplicate` holds one method: its recipe,
its function and its sampler; `registry` has them by name. A recipe draws plans and makes the rows of a plan.
`function` is the flow of all functions, `resample` that of all samplers: fit, share the amount between the
classes of anomalies, draw, make.
"""

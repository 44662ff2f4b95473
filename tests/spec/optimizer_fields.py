"""What the fields of the catalogue's optimizers and schedules take and refuse, and values for them."""

import math
from typing import Any

from hypothesis import strategies as st

from workbench.spec import optimizers, schedulers
from workbench.spec.component import Component

Values = tuple[list[Any], list[Any]]
"""Some that are taken and some that are refused."""

FLAGS: Values = ([True, False], [None, 1, 0, "true"])
FLAGS_OR_AUTOMATIC: Values = ([True, False, None], [1, "auto"])
FROM_ZERO: Values = ([0, 0.0, 1e-3, 10.0, 1e9], [-1e-9, math.nan, math.inf, "0.1", None, True])
ABOVE_ZERO: Values = ([1e-9, 1, 10.0, 1e9], [0, 0.0, -1.0, math.nan, math.inf, "0.1", None, True])
SHARES: Values = ([0, 0.0, 0.5, 1, 1.0], [-0.1, 1.1, math.nan, "0.5", None])
SHARES_BELOW_ONE: Values = ([0, 0.0, 0.5, 0.999], [-0.1, 1, 1.0, math.nan, "0.5", None])
BETAS: Values = ([(0.0, 0.0), (0.9, 0.999)], [(0.9,), (0.9, 1.0), (-0.1, 0.9), (0.9, 0.9, 0.9), 0.9, None])
FROM_ONE: Values = ([1, 10**9], [0, -1, 1.5, "3", None, True])
FROM_ONE_OR_AUTOMATIC: Values = ([None, 1, 10**9], [0, -1, 1.5, "3", True])
COUNTS: Values = ([0, 10**9], [-1, 1.5, "3", None, True])
ANY_NUMBER: Values = ([0, 0.5, -1.0], [math.nan, "0", None])

MAXIMIZABLE = {"maximize": FLAGS}
FOREACH = {**MAXIMIZABLE, "foreach": FLAGS_OR_AUTOMATIC}
FUSED = {**FOREACH, "fused": FLAGS_OR_AUTOMATIC}
ADAM = {"lr": FROM_ZERO, "betas": BETAS, "eps": FROM_ZERO, "weight_decay": FROM_ZERO}
WARMUP = {"warmup_steps": COUNTS, "warmup_start": ([1e-9, 0.1, 1, 1.0], [0, 0.0, -0.1, 1.1, math.nan, "1", None])}

FIELDS: dict[type[Component], dict[str, Values]] = {
    optimizers.SGD: {
        **FUSED,
        "lr": FROM_ZERO,
        "momentum": ([0, 0.9, 2.0], [-0.1, math.inf, "0.9", None]),
        "dampening": ANY_NUMBER,
        "weight_decay": FROM_ZERO,
        "nesterov": FLAGS,
    },
    optimizers.Adam: {**FUSED, **ADAM, "amsgrad": FLAGS, "decoupled_weight_decay": FLAGS},
    optimizers.AdamW: {**FUSED, **ADAM, "amsgrad": FLAGS},
    optimizers.Adamax: {**FOREACH, **ADAM},
    optimizers.NAdam: {**FOREACH, **ADAM, "momentum_decay": FROM_ZERO, "decoupled_weight_decay": FLAGS},
    optimizers.RAdam: {**FOREACH, **ADAM, "decoupled_weight_decay": FLAGS},
    optimizers.SparseAdam: {**MAXIMIZABLE, "lr": ABOVE_ZERO, "betas": BETAS, "eps": ABOVE_ZERO},
    optimizers.RMSprop: {
        **FOREACH,
        "lr": FROM_ZERO,
        "alpha": SHARES,
        "eps": FROM_ZERO,
        "weight_decay": FROM_ZERO,
        "momentum": FROM_ZERO,
        "centered": FLAGS,
    },
    optimizers.Adagrad: {
        **FUSED,
        "lr": FROM_ZERO,
        "lr_decay": FROM_ZERO,
        "weight_decay": FROM_ZERO,
        "initial_accumulator_value": FROM_ZERO,
        "eps": FROM_ZERO,
    },
    optimizers.Adadelta: {**FOREACH, "lr": FROM_ZERO, "rho": SHARES, "eps": FROM_ZERO, "weight_decay": FROM_ZERO},
    optimizers.Adafactor: {
        **FOREACH,
        "lr": FROM_ZERO,
        "beta2_decay": ([0, -0.8, -100.0], [0.1, math.nan, "0", None]),
        "eps": (
            [(None, 1e-3), (0, 0), (1e-30, 1.0)],
            [(1e-3, None), (-1.0, 1e-3), (None, -1.0), (1e-3,), (None, 1e-3, 1e-3), ("automatic", 1e-3), 1e-3, None],
        ),
        "d": ([1, 1.0, 10.0], [0.9, -1.0, math.inf, "1", None]),
        "weight_decay": FROM_ZERO,
    },
    optimizers.ASGD: {
        **FOREACH,
        "lr": FROM_ZERO,
        "lambd": FROM_ZERO,
        "alpha": FROM_ZERO,
        "t0": FROM_ZERO,
        "weight_decay": FROM_ZERO,
    },
    optimizers.Rprop: {
        **FOREACH,
        "lr": FROM_ZERO,
        "etas": ([(0.5, 1.2), (0.01, 100)], [(0.0, 1.2), (1.0, 1.2), (0.5, 1.0), (0.5,), (0.5, math.inf), 0.5, None]),
        "step_sizes": ([(1e-6, 50), (1.0, 1.0)], [(0.0, 1.0), (1e-6, -1.0), (1.0,), (1e-6, math.nan), 1.0, None]),
    },
    optimizers.LBFGS: {
        "lr": FROM_ZERO,
        "max_iter": FROM_ONE,
        "max_eval": FROM_ONE_OR_AUTOMATIC,
        "tolerance_grad": FROM_ZERO,
        "tolerance_change": FROM_ZERO,
        "history_size": FROM_ONE,
        "line_search_fn": ([None, "strong_wolfe"], ["wolfe", "", "None", 1, False]),
    },
    optimizers.Muon: {
        "lr": FROM_ZERO,
        "weight_decay": FROM_ZERO,
        "momentum": SHARES_BELOW_ONE,
        "nesterov": FLAGS,
        "ns_coefficients": ([(1, -2.5, 0.0)], [(1.0, 2.0), (1.0, 2.0, math.nan), ("1", 2.0, 3.0), 1.0, None]),
        "eps": ABOVE_ZERO,
        "ns_steps": ([1, 99], [0, 100, 1.5, "5", None, True]),
        "adjust_lr_fn": ([None, "original", "match_rms_adamw"], ["adamw", "", 1]),
        "adamw_lr": FROM_ZERO,
        "adamw_betas": BETAS,
        "adamw_eps": FROM_ZERO,
        "adamw_weight_decay": FROM_ZERO,
    },
    schedulers.Constant: WARMUP,
    schedulers.StepLR: {**WARMUP, "step_size": FROM_ONE, "gamma": ABOVE_ZERO},
    schedulers.MultiStepLR: {
        **WARMUP,
        "milestones": ([(1,), (5, 2, 2), (9,) * 1000], [(), (0,), (1.5,), ("1",), 3, None, (9,) * 1001]),
        "gamma": ABOVE_ZERO,
    },
    schedulers.ExponentialLR: {**WARMUP, "gamma": ABOVE_ZERO},
    schedulers.PolynomialLR: {**WARMUP, "total_iters": FROM_ONE_OR_AUTOMATIC, "power": FROM_ZERO},
    schedulers.CosineAnnealingLR: {**WARMUP, "T_max": FROM_ONE_OR_AUTOMATIC, "eta_min": FROM_ZERO},
    schedulers.CosineAnnealingWarmRestarts: {
        **WARMUP,
        "T_0": FROM_ONE,
        "T_mult": ([1, 1000], [0, 1001, 1.5, "2", None, True]),
        "eta_min": FROM_ZERO,
    },
    schedulers.OneCycleLR: {
        "max_lr": ([None, 1e-9, 1, 10.0], [0, -1.0, math.inf, "0.1", True]),
        "total_steps": FROM_ONE_OR_AUTOMATIC,
        "pct_start": SHARES,
        "anneal_strategy": (["cos", "linear"], ["cosine", "", None, 1]),
        "cycle_momentum": FLAGS,
        "base_momentum": SHARES_BELOW_ONE,
        "max_momentum": SHARES_BELOW_ONE,
        "div_factor": ABOVE_ZERO,
        "final_div_factor": ABOVE_ZERO,
        "three_phase": FLAGS,
    },
    schedulers.ReduceLROnPlateau: {
        **WARMUP,
        "factor": ([1e-9, 0.1, 0.999], [0, 0.0, 1, 1.0, -0.1, math.nan, "0.1", None]),
        "patience": COUNTS,
        "threshold": FROM_ZERO,
        "threshold_mode": (["rel", "abs"], ["relative", "", None]),
        "cooldown": COUNTS,
        "min_lr": FROM_ZERO,
        "eps": FROM_ZERO,
    },
}

_flags = st.booleans()
_perhaps = st.none() | _flags
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_from_zero = st.floats(0, allow_nan=False, allow_infinity=False)
_above_zero = st.floats(0, exclude_min=True, allow_infinity=False)
_shares = st.floats(0, 1)
_below_one = st.floats(0, 1, exclude_max=True)
_between = st.floats(0, 1, exclude_min=True, exclude_max=True)
_from_one = st.integers(1, 10**9)
_counts = st.integers(0, 10**9)

STRATEGIES: list[tuple[Values, st.SearchStrategy[Any]]] = [
    (FLAGS, _flags),
    (FLAGS_OR_AUTOMATIC, _perhaps),
    (FROM_ZERO, _from_zero),
    (ABOVE_ZERO, _above_zero),
    (SHARES, _shares),
    (SHARES_BELOW_ONE, _below_one),
    (BETAS, st.tuples(_below_one, _below_one)),
    (FROM_ONE, _from_one),
    (FROM_ONE_OR_AUTOMATIC, st.none() | _from_one),
    (COUNTS, _counts),
    (ANY_NUMBER, _numbers),
]
"""Values for fields that share what they take."""

OWN_STRATEGIES: dict[tuple[type[Component], str], st.SearchStrategy[Any]] = {
    (optimizers.SGD, "momentum"): _from_zero,
    (optimizers.Adafactor, "beta2_decay"): st.floats(max_value=0, allow_nan=False, allow_infinity=False),
    (optimizers.Adafactor, "eps"): st.tuples(st.none() | _from_zero, _from_zero),
    (optimizers.Adafactor, "d"): st.floats(1, allow_infinity=False),
    (optimizers.Rprop, "etas"): st.tuples(_between, st.floats(1, exclude_min=True, allow_infinity=False)),
    (optimizers.Rprop, "step_sizes"): st.tuples(_above_zero, _above_zero),
    (optimizers.LBFGS, "line_search_fn"): st.sampled_from([None, "strong_wolfe"]),
    (optimizers.Muon, "ns_coefficients"): st.tuples(_numbers, _numbers, _numbers),
    (optimizers.Muon, "ns_steps"): st.integers(1, 99),
    (optimizers.Muon, "adjust_lr_fn"): st.sampled_from([None, "original", "match_rms_adamw"]),
    (schedulers.MultiStepLR, "milestones"): st.lists(_from_one, min_size=1, max_size=9).map(tuple),
    (schedulers.CosineAnnealingWarmRestarts, "T_mult"): st.integers(1, 1000),
    (schedulers.OneCycleLR, "max_lr"): st.none() | _above_zero,
    (schedulers.OneCycleLR, "anneal_strategy"): st.sampled_from(["cos", "linear"]),
    (schedulers.ReduceLROnPlateau, "factor"): _between,
    (schedulers.ReduceLROnPlateau, "threshold_mode"): st.sampled_from(["rel", "abs"]),
}


def _strategy(kind: type[Component], field: str, values: Values) -> st.SearchStrategy[Any]:
    if field == "warmup_start":
        return st.floats(0, 1, exclude_min=True)
    if (kind, field) in OWN_STRATEGIES:
        return OWN_STRATEGIES[kind, field]
    return next(strategy for shared, strategy in STRATEGIES if shared is values)


VALUES: dict[type[Component], dict[str, st.SearchStrategy[Any]]] = {
    kind: {field: _strategy(kind, field, values) for field, values in fields.items()} for kind, fields in FIELDS.items()
}

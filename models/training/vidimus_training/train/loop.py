"""One training loop for every pack: AdamW, warm-up and cosine, label smoothing, averaged weights, resumable.

A batch is a function of (seed, step) alone, so a run that was broken goes on with the very batches it would have had.
"""

from __future__ import annotations

import csv
import math
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class LoopConfig:
    """Everything the loop needs to know."""

    seed: int
    steps: int
    batch: int
    rate: float = 1e-4
    warmup: int = 200
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    average: float = 0.998
    clip_norm: float = 2.0
    threads: int = 2
    save_seconds: float = 120.0
    log_steps: int = 20
    look_steps: int = 500


class Steps(IterableDataset[Batch]):
    """Batches `first`, `first + 1`, … made by `make(step)`."""

    def __init__(self, make: Callable[[int], Batch], first: int, last: int) -> None:
        super().__init__()
        self.make, self.first, self.last = make, first, last

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for step in range(self.first, self.last):
            yield self.make(step)


def rate_at(config: LoopConfig, step: int) -> float:
    """Learning rate: linear warm-up, then half a cosine to zero."""
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    return config.rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def average_into(mean: nn.Module, model: nn.Module, keep: float) -> None:
    """Exponential moving average of all floating-point state."""
    state = model.state_dict()
    with torch.no_grad():
        for key, value in mean.state_dict().items():
            if value.is_floating_point():
                value.mul_(keep).add_(state[key], alpha=1 - keep)
            else:
                value.copy_(state[key])


def train(
    model: nn.Module,
    mean: nn.Module,
    make: Callable[[int], Batch],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    config: LoopConfig,
    run: Path,
    look: Callable[[nn.Module, int], dict[str, float]],
) -> nn.Module:
    """Trains `model`; returns `mean`, the averaged copy. Curves go to `run/curve.csv`, looks at dev to `run/dev.csv`.

    `loss_of(model, batch)` returns the loss; `look(mean, step)` measures on development files.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    run.mkdir(parents=True, exist_ok=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=config.rate, weight_decay=config.weight_decay)
    first = 0
    saved = run / "state.pt"
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"])
        mean.load_state_dict(state["mean"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
        print(f"resumed at step {first}", flush=True)
    else:
        mean.load_state_dict(model.state_dict())
    loader = DataLoader(Steps(make, first, config.steps), batch_size=None, num_workers=1, prefetch_factor=4)
    model.train()
    mean.eval()
    begun = last_save = time.monotonic()
    losses: list[float] = []

    def save(step: int) -> None:
        part = saved.with_suffix(".part")
        everything = {"model": model.state_dict(), "mean": mean.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save({**everything, "step": step}, part)
        part.replace(saved)

    asked_to_stop = False

    def stop(*_: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True

    # Put back afterwards: processes forked later would inherit it and outlive whoever ends them.
    before = signal.signal(signal.SIGTERM, stop)
    try:
        for step, batch in enumerate(loader, start=first):
            for group in optimiser.param_groups:
                group["lr"] = rate_at(config, step)
            loss = loss_of(model, batch)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
            optimiser.step()
            average_into(mean, model, min(config.average, (1 + step) / (10 + step)))
            losses.append(float(loss.detach()))
            done = step + 1
            if done % config.log_steps == 0:
                speed = (done - first) * config.batch / (time.monotonic() - begun)
                value = sum(losses) / len(losses)
                losses.clear()
                _append(run / "curve.csv", {"step": done, "loss": round(value, 5), "rate": rate_at(config, step)})
                print(f"step {done} of {config.steps} loss {value:.4f}, {speed:.1f} samples/s", flush=True)
            if done % config.look_steps == 0 or done == config.steps:
                found = look(mean, done)
                _append(run / "dev.csv", {"step": done, **{k: round(v, 5) for k, v in found.items()}})
                print("dev " + ", ".join(f"{k} {v:.4f}" for k, v in found.items()), flush=True)
                model.train()
            if asked_to_stop or time.monotonic() - last_save > config.save_seconds or done == config.steps:
                save(done)
                last_save = time.monotonic()
            if asked_to_stop:
                raise SystemExit(f"stopped after step {done}; the same command goes on from there")
    finally:
        signal.signal(signal.SIGTERM, before)
    (run / "config.txt").write_text("\n".join(f"{k} = {v!r}" for k, v in asdict(config).items()) + "\n")
    return mean


def _append(path: Path, row: dict[str, float]) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        if new:
            writer.writeheader()
        writer.writerow(row)

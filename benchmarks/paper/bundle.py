"""The trained model "sheet" that comes with the package."""

from pathlib import Path

from sklearn_spt import save_model
from sklearn_spt.datasets._models import _FOLDER

from .measure import measure, write
from .models import WINNER
from .protocols import PROTOCOLS
from .sets import MODULUS, Loaded

PROTOCOL, SEED = "sheet_random", 0
# What of the result stands in the card beside the model; the rest is in benchmarks/results/paper.
CARD = (
    "model", "errors", "fit_seconds", "predict_milliseconds_per_curve", "parameters", "train_curves", "test_curves",
    "seed", "set", "date", "machine", "versions",
)  # fmt: skip


def bundle(loaded: Loaded, folder: Path, command: str, *, models: Path = _FOLDER, quick: bool = False) -> None:
    """Train our best model on the paper's protocol, keep its result, and write model and card to `models`.

    The random split keeps the demonstration's curve out of the training.
    """
    result, model = measure(WINNER, PROTOCOL, SEED, loaded, quick=quick)
    write(folder / f"{WINNER}-{PROTOCOL}-{SEED}.json", result)
    train, _ = PROTOCOLS[PROTOCOL].split(loaded, SEED)
    models.mkdir(parents=True, exist_ok=True)
    save_model(
        models / "sheet.spt",
        model,
        strain=loaded.strain,
        elastic_modulus=float(MODULUS["sheet"]),
        training_curves=[loaded.curves[i] for i in train],
        training_targets=loaded.stress[train],
        metadata={
            "left_out": [] if loaded.demo < 0 else [loaded.curves[loaded.demo].name],
            "data": f"load_sheet_steel, {len(train)} curves",
            "command": command,
        },
    )
    write(models / "sheet.json", {key: result[key] for key in CARD} | {"command": command})
    print(f"wrote {models / 'sheet.spt'}")

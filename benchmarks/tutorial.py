"""What docs/tutorial.rst shows: the commands of a technician's day with their output, and pictures of the report.

    python -m benchmarks.tutorial

The commands run in a temporary folder on a copy of the laboratory's example. Their transcripts and the pictures go to
docs/_static/tutorial. Pictures need chromium and pdftoppm (Debian: chromium, poppler-utils).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sklearn_spt.datasets import lab_example_path, load_lab_example
from sklearn_spt.mechanics import tensile_properties
from sklearn_spt.utils.files import atomic_path

TARGET = Path(__file__).parents[1] / "docs" / "_static" / "tutorial"
SPECIMENS = "name,material,rig\n" + "".join(
    f"{name},steel {name[0]},EN10371\n" for name in ("A1", "A2", "A3", "B1", "B2", "B3")
)
# Two displacements, of which the program must not choose one by itself.
UNCLEAR = "Crosshead (mm);LVDT (mm);Load (N)\n" + "".join(f"{k / 90:.3f};{k / 100:.3f};{9 * k}\n" for k in range(100))
REPORT = "sklearn-spt report lab --model en10371 --metadata specimens.csv --compliance 20"
HEAD = '--laboratory "Materials Laboratory" --operator "M. Weber" --job 2024-117'
STEPS = {
    "info": "sklearn-spt info en10371 | head -13",
    "report": f"{REPORT} \\\n    {HEAD} \\\n    --out report.html --json report.json --csv tables",
    "tables": "ls tables",
}
CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
    "COLUMNS": "100",
}


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit status of a command and what a terminal shows of it."""
    done = subprocess.run(
        command, shell=True, cwd=folder, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, f"$ {command}\n{done.stdout}"


def keep(name: str, text: str) -> None:
    with atomic_path(TARGET / f"{name}.txt") as temporary:
        temporary.write_text(text.rstrip() + "\n", encoding="utf-8")


def answers(report: dict[str, Any]) -> str:
    """The report's values beside those of the simulated materials."""
    lab = load_lab_example()
    shown = {
        "proof_stress": ("Rp0.2, MPa", 1, 0),
        "tensile_strength": ("Rm, MPa", 1, 0),
        "uniform_elongation": ("Ag, %", 100, 1),
    }
    lines = [
        f"{'':8}" + "".join(f"{title:>18}" for title, _, _ in shown.values()),
        f"{'':8}" + len(shown) * f"{'report':>9}{'known':>9}",
    ]
    for specimen, stress in zip(report["specimens"], lab.target, strict=True):
        known = tensile_properties(lab.strain, stress, E=stress[0] / lab.strain[0])
        line = f"{specimen['name']:8}"
        for key, (_, factor, digits) in shown.items():
            for value in (specimen["properties"][key], getattr(known, key)):
                line += f"{'-' if value is None else f'{factor * value:.{digits}f}':>9}"
        lines.append(line)
    return "\n".join(lines)


def browse(folder: Path, *options: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [*CHROMIUM, f"--user-data-dir={profile}", *options],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=120,
        )


def pictures(folder: Path) -> None:
    """The page in a wide window, on a telephone, and printed."""
    page = folder / "report.html"
    browse(folder, "--window-size=1280,2250", f"--screenshot={folder / 'desktop.png'}", page.as_uri())
    # A browser's window is not narrower than 500 pixels; a frame in it is.
    frame = f'<body style="margin:0"><iframe src="{page.as_uri()}" style="width:390px;height:1400px;border:0"></iframe>'
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    browse(folder, "--window-size=500,1400", f"--screenshot={folder / 'wide.png'}", (folder / "frame.html").as_uri())
    browse(folder, "--no-pdf-header-footer", f"--print-to-pdf={folder / 'report.pdf'}", page.as_uri())
    subprocess.run(
        ["pdftoppm", "-r", "80", "-f", "2", "-l", "2", "-png", "-singlefile", "report.pdf", "print"],
        cwd=folder,
        check=True,
    )
    from PIL import Image

    with Image.open(folder / "wide.png") as image:
        image.crop((0, 0, 390, image.height)).save(folder / "phone.png")
    for name in ("desktop", "phone", "print"):
        with Image.open(folder / f"{name}.png") as image, atomic_path(TARGET / f"{name}.png") as temporary:
            image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(temporary, optimize=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    for program in ("chromium", "pdftoppm"):
        if shutil.which(program) is None:
            parser.error(f"{program} is not installed (Debian: apt-get install chromium poppler-utils)")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(lab_example_path(), folder / "lab")
        (folder / "specimens.csv").write_text(SPECIMENS, encoding="utf-8")
        keep("specimens", SPECIMENS)
        for name, command in STEPS.items():
            status, text = run(command, folder)
            print(text)
            if status:
                return status
            keep(name, text)
        keep("answers", answers(json.loads((folder / "report.json").read_text(encoding="utf-8"))))
        pictures(folder)
        (folder / "lab" / "C1.csv").write_text("Thickness (mm): 0.5\n" + UNCLEAR, encoding="utf-8")
        status, text = run(f"{REPORT} \\\n    --out report.html", folder)
        print(text)
        keep("unclear", f"{text}$ echo $?\n{status}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

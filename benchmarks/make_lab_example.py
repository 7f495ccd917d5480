"""Make the example of a laboratory's folder: python -m benchmarks.make_lab_example

Simulated tests of two steels become six records as a testing machine writes them, in
sklearn_spt/datasets/data/lab_example, with what real records have and simulations lack:

- scatter between the specimens of a material: loads differ by 1 % (standard deviation);
- an approach before contact and a toe: the specimen seats over `SEATING` mm while the load rises to some tens of N;
- compliance of the load train, `COMPLIANCE` mm/N, which the crosshead's displacement contains;
- an offset of the load cell of a few N, and noise of 0.05 % of the maximum load and 0.2 µm;
- the resolution of the machine: 0.1 µm and 0.1 N, two points per second at 0.3 mm/min.

The sizes are chosen to look like a laboratory's and are no measurement. lab_example_truth.csv, beside the folder, has
the stress-strain curves behind the records. The materials are in no bundled set.
"""

import numpy as np
from scipy.interpolate import PchipInterpolator

from sklearn_spt.datasets._discs import _STRAIN
from sklearn_spt.mechanics import HardeningLaw, PowerLaw, SwiftVoce
from sklearn_spt.simulation import simulate_spt
from sklearn_spt.utils.files import atomic_path

from .generate_sets import DATA

# The steels, their specimens' thickness (mm) and the friction.
STEELS: dict[str, tuple[HardeningLaw, float, float]] = {
    "A": (PowerLaw(E=207_000, sigma0=301, n=0.15), 0.503, 0.17),
    "B": (
        SwiftVoce(E=213_000, K=326, epsilon0=0.0046, n=0.1185, sigma0=750, Q=645, b=22.9, weight=0.436),
        0.498,
        0.11,
    ),
}
FOLDER = DATA / "lab_example"
SEED = 0
SPECIMENS = 3  # of each material
SCATTER = 0.01
APPROACH = 0.02  # mm before contact
SEATING = 0.012  # mm
SEATING_LOAD = 40.0  # N
COMPLIANCE = 2e-5  # mm/N
OFFSET = 3.0  # N, standard deviation
LOAD_NOISE = 5e-4  # of the maximum load
DISPLACEMENT_NOISE = 2e-4  # mm
SPEED = 0.3  # mm/min
RATE = 2.0  # points per second
THICKNESS_ERROR = 0.001  # mm, of the micrometer screw


def record(
    random: np.random.Generator, displacement: np.ndarray, load: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time (s), displacement of the crosshead (mm) and load (N) as the machine records a simulated specimen."""
    load = load * (1 + SCATTER * random.standard_normal())
    # The crosshead goes further than the punch into the specimen: the toe is steep at first and soon over.
    crosshead = APPROACH + displacement + SEATING * (1 - np.exp(-load / SEATING_LOAD)) + COMPLIANCE * load
    crosshead, load = np.concatenate([[0.0], crosshead]), np.concatenate([[0.0], load])
    time = np.arange(0.0, crosshead[-1] * 60 / SPEED, 1 / RATE)
    moved = SPEED / 60 * time
    measured = PchipInterpolator(crosshead, load)(moved)
    measured += OFFSET * random.standard_normal() + LOAD_NOISE * load.max() * random.standard_normal(len(time))
    moved = moved + DISPLACEMENT_NOISE * random.standard_normal(len(time))
    return time, np.round(moved, 4), np.round(measured, 1)


def rows(columns: list[np.ndarray], digits: list[int], separator: str, decimal: str = ".") -> str:
    return "".join(
        separator.join(f"{value:.{d}f}".replace(".", decimal) for value, d in zip(row, digits, strict=True)) + "\n"
        for row in zip(*columns, strict=True)
    )


def number(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def bluehill(name: str, thickness: float, t: np.ndarray, u: np.ndarray, f: np.ndarray) -> bytes:
    """Instron Bluehill in German: semicolons, decimal commas, kN."""
    head = (
        f'Texteingaben : Proben-beschriftung;"{name}"\nAllgemein : Startdatum;12.03.2024 09:41:17\n'
        f"Abmessung : Dicke;{number(thickness)};mm\nUmgebung : Prüftemperatur;23;°C\n\n"
        "Zeit;Traversenweg;Last\n(sec);(mm);(kN)\n"
    )
    return (head + rows([t, u, f / 1000], [1, 4, 4], ";", ",")).encode("cp1252")


def zwick(name: str, thickness: float, t: np.ndarray, u: np.ndarray, f: np.ndarray) -> bytes:
    """ZwickRoell testXpert: tabs, names in quotes, a line of units."""
    head = (
        f'"Prüfnorm"\t"EN 10371"\n"Probenbezeichnung"\t"{name}"\n"Probendicke"\t{thickness:.3f}\t"mm"\n'
        '"Prüfgeschwindigkeit"\t0.3\t"mm/min"\n"Temperatur"\t23\t"°C"\n'
        '"Prüfzeit"\t"Standardkraft"\t"Traversenweg absolut"\n"s"\t"N"\t"mm"\n'
    )
    return (head + rows([t, f, u], [1, 1, 4], "\t")).encode("cp1252")


def mts(name: str, thickness: float, t: np.ndarray, u: np.ndarray, f: np.ndarray) -> bytes:
    """MTS TestWare: compression is negative."""
    head = (
        "MTS793|MPT|ENU|1|2|.|/|:|1|0|0|A\n\n"
        "Operator Information\t\t\tSmall punch test\t\t\tTime:\t12.5\ts\t3/12/2024 9:41:17 AM\n"
        f"Specimen\t{name}\nThickness [mm]:\t{thickness:.3f}\nTemperature [°C]:\t23\nOperator Information End\n\n"
        "Data Acquisition\t\t\t\t\t\tTime:\t460.3\ts\t3/12/2024 9:48:46 AM\n"
        "Time\tCh 1 Displacement\tCh 1 Force\ns\tmm\tkN\n"
    )
    return (head + rows([t, -u, -f / 1000], [4, 7, 7], "\t")).encode("cp1252")


def shimadzu(name: str, thickness: float, t: np.ndarray, u: np.ndarray, f: np.ndarray) -> bytes:
    """Shimadzu Trapezium in Japanese: Shift JIS."""
    head = f"試験片名,{name}\n板厚,{thickness:.3f},mm\n試験温度,23,℃\n\n時間,試験力,ストローク\n(sec),(N),(mm)\n"
    return (head + rows([t, f, u], [1, 1, 4], ",")).encode("cp932")


def spreadsheet(specimens: list[tuple[str, float, np.ndarray, np.ndarray, np.ndarray]]) -> bytes:
    """Two specimens beside each other, in a French spreadsheet."""
    head = [[""] * 4 for _ in range(5)]
    for k, (name, thickness, *_) in enumerate(specimens):
        for line, cell in enumerate((name, number(thickness), "23", "Déplacement (µm)", "")):
            head[line][2 * k] = cell
        head[3][2 * k + 1] = "Force (N)"
    titles = ("Éprouvette", "Épaisseur (mm)", "Température (°C)", "Temps (s)")
    lines = [";".join([title, *cells]) for title, cells in zip(titles, head, strict=False)]
    longest = max((t for _, _, t, _, _ in specimens), key=len)
    for row, time in enumerate(longest):
        cells = [f"{time:.1f}"]
        for _, _, _, u, f in specimens:
            cells += [f"{1000 * u[row]:.1f}", f"{f[row]:.1f}"] if row < len(u) else ["", ""]
        lines.append(";".join(cells).replace(".", ","))
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def main() -> None:
    random = np.random.default_rng(SEED)
    specimens = []
    truth = []
    for letter, (law, nominal, friction) in STEELS.items():
        curve = simulate_spt(law, "EN10371", thickness=nominal, friction=friction, load_drop=0.05)
        truth.append(law.true_stress(_STRAIN))
        for number in range(1, SPECIMENS + 1):
            thickness = round(nominal + THICKNESS_ERROR * random.standard_normal(), 3)
            specimens.append((f"{letter}{number}", thickness, *record(random, curve.displacement, curve.load)))
    FOLDER.mkdir(exist_ok=True)
    a1, a2, a3, b1, b2, b3 = specimens
    files = {
        "A1.csv": bluehill(*a1),
        "A2.TXT": zwick(*a2),
        "A3.dat": mts(*a3),
        "B1.csv": shimadzu(*b1),
        "B2-B3.csv": spreadsheet([b2, b3]),
    }
    for name, content in files.items():
        with atomic_path(FOLDER / name) as path:
            path.write_bytes(content)
    with atomic_path(DATA / "lab_example_truth.csv") as path, path.open("w", encoding="utf-8") as file:
        file.write("strain,A_MPa,B_MPa\n")
        file.writelines(f"{e:g},{a:.2f},{b:.2f}\n" for e, a, b in zip(_STRAIN, *truth, strict=True))
    size = sum(len(content) for content in files.values())
    print(f"wrote {len(files)} files, {size / 1024:.0f} KiB, to {FOLDER}")


if __name__ == "__main__":
    main()

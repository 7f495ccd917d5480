"""Input decks for the solver CalculiX."""

from collections.abc import Iterable, Sequence

import numpy as np

from .._flow import Material
from .._specimens import SpecimenModel
from ._model import Model
from ._numerics import Numerics

# Displacement over the step's time t grows as t^1.5: the elastic part, where the curve bends most, gets more
# increments. With t^2 the last ones are so great that loads behind the maximum come out too high, by up to 40 % under
# a ball.
_RAMP_EXPONENT = 1.5
_RAMP_TIMES = np.linspace(0, 1, 201)
_RAMP = _RAMP_TIMES**_RAMP_EXPONENT

# CalculiX takes an axisymmetric element as a wedge of 2 degrees and prints the forces of that wedge.
WEDGES = 180


def displacement_at(time: np.ndarray, stroke: float) -> np.ndarray:
    """Travel of the punch at times of the step, mm."""
    return stroke * np.interp(time, _RAMP_TIMES, _RAMP)


def ramp_inverse(part: np.ndarray) -> np.ndarray:
    """Times of the step at parts of the stroke."""
    return np.interp(part, _RAMP, _RAMP_TIMES)


def spt_deck(
    model: Model,
    material: Material,
    *,
    friction: float,
    stroke: float,
    numerics: Numerics,
    field_times: Sequence[float] = (),
) -> str:
    """The input deck of a small punch test; fields are written at `field_times` of the second step."""
    lines = ["*HEADING", "Small punch test, axisymmetric"]
    lines += _nodes(model.nodes)
    # Linear elements fail here: fully integrated they lock in plastic flow (loads under a ball 10 % too high), and with
    # reduced integration their hourglass modes grow at large strains. Quadratic ones with reduced integration do
    # neither.
    lines += _elements(model.disc, np.arange(len(model.disc)) + 1, "DISC", "CAX8R")
    lines += _elements(model.tools, len(model.disc) + 1 + np.arange(len(model.tools)), "TOOLS", "CAX4")
    lines += _set("AXIS", model.axis)
    lines += _set("HELD", model.held)
    lines += _set("PUNCH", model.punch)
    lines += _surface("TOP", model.top) + _surface("PUNCHFACE", model.punch_face)
    pairs = ["TOP,PUNCHFACE"]
    fixed = ["AXIS,1", "HELD,1,2"]
    if model.die.size:
        lines += _set("DIE", model.die)
        lines += _surface("BOTTOM", model.bottom) + _surface("DIEFACE", model.die_face)
        pairs.append("BOTTOM,DIEFACE")
        fixed.append("DIE,1,2")
    lines += _material("DISC", material)
    # The tools' nodes all move as prescribed, so that their elasticity has no effect.
    lines += ["*MATERIAL,NAME=TOOLS", "*ELASTIC", f"{material.E:.9g},{material.nu:.9g}"]
    lines += ["*SOLID SECTION,ELSET=DISC,MATERIAL=DISC", "*SOLID SECTION,ELSET=TOOLS,MATERIAL=TOOLS"]
    stiffness = numerics.contact_stiffness * material.E
    lines += ["*SURFACE INTERACTION,NAME=CONTACT", "*SURFACE BEHAVIOR,PRESSURE-OVERCLOSURE=LINEAR", f"{stiffness:.9g}"]
    if friction > 0:
        lines += ["*FRICTION", f"{friction:.9g},{stiffness * numerics.stick_ratio:.9g}"]
    for pair in pairs:
        lines += ["*CONTACT PAIR,INTERACTION=CONTACT,TYPE=SURFACE TO SURFACE", pair]
    lines += ["*BOUNDARY", *fixed]
    lines += ["*AMPLITUDE,NAME=RAMP", *(f"{t:.9g},{a:.9g}" for t, a in zip(_RAMP_TIMES, _RAMP, strict=True))]
    if len(field_times):
        points = _output_times(field_times, numerics.max_increment)
        lines += ["*TIME POINTS,NAME=STAGES", *(f"{t:.9g}" for t in points)]
    # In the first step CalculiX 2.20 takes the penetration that it finds at the start of *every* increment for an
    # initial one and removes it bit by bit up to the end of the step (gencontelem_f2f.f, springforc_f2f.f). Loads
    # within that step are too low, the more so the smaller the increments, and right only at its end. Later steps are
    # free of it; so the punch waits through a first step and moves in the second.
    hold = ["*BOUNDARY", "PUNCH,1,2,0"]
    lines += ["*STEP,NLGEOM", "*STATIC", "1,1", *hold, "*NODE PRINT,NSET=PUNCH,FREQUENCY=0", "*END STEP"]
    times = f"{numerics.first_increment:.9g},1,{numerics.min_increment:.9g},{numerics.max_increment:.9g}"
    lines += ["*STEP,NLGEOM,INC=100000", "*STATIC", times]
    # Relative change of the number of contact elements that counts as none (the default); part of them dropped at
    # random when the iterations go in circles (none: results shall be reproducible); softening of all contacts after
    # a cutback (none: CalculiX's own, by 100, is what most runs fail after); iterations in which contact may change.
    lines += ["*CONTROLS,PARAMETERS=CONTACT", "0.001,0,1,20"]
    lines += ["*BOUNDARY,AMPLITUDE=RAMP", f"PUNCH,2,2,{-stroke:.9g}"]
    lines += ["*NODE PRINT,NSET=PUNCH,TOTALS=ONLY", "RF"]
    if len(field_times):
        # Without OUTPUT=2D the fields are those of the wedge that CalculiX makes of the plane mesh.
        lines += ["*NODE FILE,OUTPUT=2D,TIME POINTS=STAGES", "U", "*EL FILE,OUTPUT=2D,TIME POINTS=STAGES", "S,PEEQ"]
    lines += ["*END STEP"]
    return "\n".join(lines) + "\n"


def tensile_deck(model: SpecimenModel, material: Material, *, extension: float, numerics: Numerics) -> str:
    """The input deck of a tensile test whose modelled half gauge gets longer by `extension` (mm)."""
    lines = ["*HEADING", "Tensile test"]
    lines += _nodes(model.nodes)
    lines += _elements(model.elements, np.arange(len(model.elements)) + 1, "SPECIMEN", model.element_type)
    planes = [_set(f"PLANE{axis}", nodes) for axis, nodes in model.planes]
    lines += [line for plane in planes for line in plane]
    lines += _set("PULLED", model.pulled) + _set("SECTION", model.section)
    lines += _material("SPECIMEN", material)
    lines += ["*SOLID SECTION,ELSET=SPECIMEN,MATERIAL=SPECIMEN"]
    lines += ["*BOUNDARY", *(f"PLANE{axis},{axis}" for axis, _ in model.planes)]
    lines += ["*AMPLITUDE,NAME=RAMP", *(f"{t:.9g},{a:.9g}" for t, a in zip(_RAMP_TIMES, _RAMP, strict=True))]
    times = f"{numerics.first_increment:.9g},1,{numerics.min_increment:.9g},{numerics.max_increment:.9g}"
    axial = model.nodes.shape[1]
    lines += ["*STEP,NLGEOM,INC=100000", "*STATIC", times]
    lines += ["*BOUNDARY,AMPLITUDE=RAMP", f"PULLED,{axial},{axial},{extension:.9g}"]
    lines += ["*NODE PRINT,NSET=PULLED,TOTALS=ONLY", "RF", "*NODE PRINT,NSET=SECTION", "U", "*END STEP"]
    return "\n".join(lines) + "\n"


def _output_times(field_times: Sequence[float], increment: float) -> np.ndarray:
    """The times of the fields, and between them those at which loads are wanted.

    CalculiX 2.20 writes loads, too, at the time points of the fields only.
    """
    fields = np.asarray(field_times, dtype=np.float64)
    grid = np.arange(1, round(1 / increment) + 1) * increment
    # No increment shorter than a quarter of the others: contact may fail to converge in such.
    apart = np.min(np.abs(grid[:, None] - fields), axis=1) > increment / 4
    return np.union1d(grid[apart], fields)


def _nodes(nodes: np.ndarray) -> list[str]:
    flat = nodes.shape[1] == 2
    rows = (",".join(f"{x:.9g}" for x in row) + (",0" if flat else "") for row in nodes.tolist())
    return ["*NODE,NSET=ALL", *(f"{i},{row}" for i, row in enumerate(rows, start=1))]


def _elements(elements: np.ndarray, numbers: np.ndarray, name: str, kind: str) -> list[str]:
    lines = [f"*ELEMENT,TYPE={kind},ELSET={name}"]
    for number, row in zip(numbers, (elements + 1).tolist(), strict=True):
        # The solver reads 16 numbers on a line; a comma at its end says that the next line goes on.
        cells = [str(number), *map(str, row)]
        parts = [",".join(cells[i : i + 16]) for i in range(0, len(cells), 16)]
        lines += [f"{part}," for part in parts[:-1]] + parts[-1:]
    return lines


def _set(name: str, nodes: Iterable[int]) -> list[str]:
    return [f"*NSET,NSET={name}", *(str(int(node) + 1) for node in nodes)]


def _surface(name: str, faces: Sequence[tuple[int, int]]) -> list[str]:
    return [f"*SURFACE,NAME={name},TYPE=ELEMENT", *(f"{element + 1},S{face}" for element, face in faces)]


def _material(name: str, material: Material) -> list[str]:
    table = zip(material.flow_stress.tolist(), material.plastic_strain.tolist(), strict=True)
    return [
        f"*MATERIAL,NAME={name}",
        "*ELASTIC",
        f"{material.E:.9g},{material.nu:.9g}",
        "*PLASTIC",
        *(f"{stress:.9g},{strain:.9g}" for stress, strain in table),
    ]

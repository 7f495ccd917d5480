"""The text files that LS-DYNA would write for a small punch test, made by hand; see lsdyna/README.md."""

import math
from pathlib import Path

FOLDER = Path(__file__).parent / "lsdyna"
STATES = 21
HEAD = " Small punch test\n                         ls-dyna (version mpp.124423)     date 11/24/2026\n"


def states():
    """Time, travel of the punch (down), force per radian."""
    for k in range(STATES):
        travel = 2.0 * k / (STATES - 1)
        yield 1e-4 * k, travel, 300 * math.sin(travel) * (1 - math.exp(-5 * travel))


def legend(rows):
    lines = "".join(f"{number:9d}     {title}\n" for number, title in rows)
    return f"\n {{BEGIN LEGEND}}\n  Entity #        Title\n{lines} {{END LEGEND}}\n\n"


def rcforc():
    text = HEAD + legend([(1, "punch"), (2, "die")])
    for time, _, force in states():
        for interface, y in ((1, -force), (2, 0.8 * force)):
            for side, sign in (("slave ", 1), ("master", -1)):
                text += f"  {side}{interface:11d} time{time:12.5E}  x {0.01 * y:12.5E}  y {sign * y:12.5E}"
                text += f"  z {0.0:12.5E} mass {0.0:12.5E}\n"
    return text


def bndout():
    text = HEAD
    for time, _, force in states():
        text += f"\n\n\n\n\n n o d a l   f o r c e/e n e r g y    o u t p u t   t={time:9.3E}\n"
        text += "\n\n\n\n\n velocity boundary condition forces/rigid body moments \n\n"
        text += f"mat#{2:8d}  xforce={0.0:13.4E}   yforce={-force:13.4E}  zforce={0.0:13.4E}   energy={0.0:13.4E}\n"
        text += f"             xmoment={0.0:13.4E}  ymoment={0.0:13.4E} zmoment={0.0:13.4E}\n"
        text += f"              xtotal={0.0:13.4E}   ytotal={-force:13.4E}  ztotal={0.0:13.4E}   etotal={0.0:13.4E}\n"
    return text


def nodout():
    text = HEAD
    for k, (time, travel, _) in enumerate(states()):
        head = "\n\n\n n o d a l   p r i n t   o u t   f o r   t i m e  "
        head += f"s t e p{100 * k:8d}                              ( at time{time:12.5E} )\n\n nodal point  "
        text += head + "x-disp     y-disp      z-disp      x-vel       y-vel       z-vel      "
        text += "x-accl      y-accl      z-accl      x-coor      y-coor      z-coor\n"
        for node, y in ((1, 0.0), (2, -0.5)):
            moved = -travel if node == 1 else -0.95 * travel
            values = (0.0, moved, 0.0, 0.0, -1000.0, 0.0, 0.0, 0.0, 0.0, 0.0, y + moved, 0.0)
            text += f"{node:9d}{values[0]:13.4E}" + "".join(f"{value:12.4E}" for value in values[1:]) + "\n"
        text += head + "x-rot      y-rot       z-rot       x-rot vel   y-rot vel   z-rot vel   "
        text += "x-rot acc   y-rot acc   z-rot acc\n"
        for node in (1, 2):
            text += f"{node:9d}{9.0:13.4E}" + f"{9.0:12.4E}" * 8 + "\n"
    return text


def rbdout():
    text = HEAD
    names = "".join(f"{name:>12}" for name in ("x", "y", "z", "x-rot", "y-rot", "z-rot"))
    for k, (time, travel, _) in enumerate(states()):
        text += f"1\n\n  r i g i d   b o d y   m o t i o n   a t  cycle={100 * k:8d}    time={time:15.6E}\n"
        for body, moved in ((2, -travel), (3, 0.0)):
            text += f"\n rigid body{body:8d}\n   global       {names}\n"
            text += f"   coordinates:  {0.4:12.4E}{1 + moved:12.4E}{0.0:12.4E}\n"
            text += f" displacements:  {0.0:12.4E}{moved:12.4E}" + f"{0.0:12.4E}" * 4 + "\n"
            for what in ("    velocities:", " accelerations:"):
                text += f"{what}  " + f"{0.0:12.4E}" * 6 + "\n"
            text += "\nprincipal or user defined local coordinate direction vectors\n"
            text += "                     a           b           c\n"
            for row in range(3):
                text += f"     row {row + 1}" + "".join(f"{float(row == j):15.4E}" for j in range(3)) + "\n"
            text += "\n output in principal or user defined local coordinate directions\n"
            text += "                      a           b           c          a-rot       b-rot       c-rot\n"
            for what in (" displacements:", "    velocities:", " accelerations:"):
                text += f"{what}  " + f"{9.0:12.4E}" * 6 + "\n"
    return text


if __name__ == "__main__":
    for write in (rcforc, bndout, nodout, rbdout):
        (FOLDER / write.__name__).write_text(write(), encoding="ascii", newline="\n")

"""Write pyts_gaf.npz: Gramian angular fields as the package pyts computes them.

Run it in an environment of its own that has pyts (0.14.1 made the file): python make_pyts_gaf.py
The images are the keys; a key "difference, (-1, 1), 7" names method, range and image size. `curves` is what they were
computed from: growing, falling back, negative, constant, and as small and large as loads in MN and mN are in N.
"""

from pathlib import Path

import numpy as np

N_POINTS = 16


def main() -> None:
    # Not at the top: pytest imports every module below tests, and pyts is no dependency of the package.
    import pyts
    from pyts.image import GramianAngularField

    rng = np.random.default_rng(0)
    u = np.linspace(0.0, 1.0, N_POINTS)
    curves = np.stack(
        [
            900.0 * u,
            2500.0 * np.tanh(3.0 * u),
            1200.0 * u * (1.6 - u) + rng.normal(scale=5.0, size=N_POINTS),
            rng.normal(size=N_POINTS),
            np.full(N_POINTS, 400.0),
            1e6 * u**2,
            1e-3 * np.sqrt(u),
        ]
    )
    images = {}
    for method in ("summation", "difference"):
        for feature_range in ((0, 1), (-1, 1), (-0.5, 0.25)):
            # 7 does not divide the number of points, 8 does, 1 is the smallest image.
            for image_size in (N_POINTS, 8, 7, 1):
                gaf = GramianAngularField(image_size=image_size, sample_range=feature_range, method=method)
                images[f"{method}, {feature_range}, {image_size}"] = gaf.transform(curves)
    path = Path(__file__).with_name("pyts_gaf.npz")
    np.savez_compressed(path, curves=curves, pyts_version=pyts.__version__, **images)
    print(f"{path}: {len(images)} sets of images by pyts {pyts.__version__}")


if __name__ == "__main__":
    main()

"""Which model is the best, clean and in a laboratory, and what each part of the network brings.

    python -m benchmarks.experiment run --protocol discs-laboratory --model network gaussian-processes --seed 0 1 2
    python -m benchmarks.experiment run --protocol sheets-clean --model paper-network --seed 0 --minutes 480
    python -m benchmarks.experiment tables

`run` measures what has no result yet, a cell at a time: a model, trained and tested as a protocol says, with a seed.
Each cell is a file below benchmarks/results/experiment; remove it to have it measured anew. A run can be killed: a
network goes on from where it was. `tables` makes the tables and figures of the documentation of these files.
"""

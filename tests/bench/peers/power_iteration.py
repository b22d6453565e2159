"""The credit of everyone in a lineage by scipy's float power iteration; started as a script in an environment of its own.

`power_iteration.py FILE TIMES`: reads the columns, prints for how long each time computed and everyone's credit, of 1 in all.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

STILL = 1e-12


def credit(lineage: dict[str, np.ndarray], passed_on: tuple[float, float]) -> np.ndarray:
    """Everyone's credit, of 1 in all, from columns in memory: the matrix of what is passed on, its fixed point, and the makers' sums."""
    works, sources, kinds = lineage["works"], lineage["sources"], lineage["kinds"]
    count = len(lineage["makers"])
    passed, kept = np.zeros(len(works)), np.ones(count)
    for kind, fraction in enumerate(passed_on):
        of_kind = kinds == kind
        cited = np.bincount(works[of_kind], minlength=count)
        passed[of_kind] = fraction / cited[works[of_kind]]
        kept[cited > 0] -= fraction
    matrix = csr_matrix((passed, (sources, works)), shape=(count, count))
    direct = np.bincount(lineage["components"], minlength=count) / len(lineage["components"])
    arrived, before = direct, np.zeros(count)
    while np.abs(arrived - before).sum() > STILL:
        arrived, before = direct + matrix @ arrived, arrived
    return np.bincount(lineage["makers"], weights=arrived * kept, minlength=count)


def main() -> None:
    columns = {name: np.array(column) for name, column in json.loads(Path(sys.argv[1]).read_text()).items()}
    took, found = [], np.zeros(0)
    for _time in range(int(sys.argv[2])):
        began = time.process_time()
        found = credit(columns, (0.3, 0.1))
        took.append(time.process_time() - began)
    print(json.dumps({"seconds": took, "credit": found.tolist()}))


if __name__ == "__main__":
    main()

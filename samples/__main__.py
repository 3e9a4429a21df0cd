"""`python -m samples OUT [--seed N]`: writes the sample books of the demo without building a release."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samples.demo import write_demo


def main() -> int:
    """Read the call and write the books."""
    parser = argparse.ArgumentParser(prog="python -m samples", description="Typeset the sample books.")
    parser.add_argument("out", type=Path, help="folder to write books, truth and sources.toml to")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other books")
    options = parser.parse_args()
    sys.stdout.write(f"{write_demo(options.out, options.seed)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m ingest.simulator.scripted sample_tracks/scripted`` writes world and cases."""

import argparse
from pathlib import Path

from ingest.simulator.scripted.all_cases import CASES
from ingest.simulator.scripted.tracks import write_cases


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write all scripted cases and the world they share.")
    parser.add_argument("folder", type=Path)
    write_cases(CASES, parser.parse_args().folder)


if __name__ == "__main__":
    main()

"""What `hazmat score --lanes` prints: how honest the lane estimate is, per receiver error."""

from collections.abc import Sequence

from ingest.scoring.lanes import LaneScore

LANE_ERRORS_M = (0.5, 1.0, 2.5, 5.0)
LANE_TRUCKS = 600  # 57 km each
_HEAD = (
    "error m", "km", "a stated 0.95 is right", "of so many fixes", "episodes off the lane", "found", "recall",
    "false", "false/1000 km",
)  # fmt: skip


def lanes_as_markdown(scores: Sequence[LaneScore], seed: int) -> str:
    """A row a receiver error (sigma of each axis)."""
    lines = [f"seed {seed}, {LANE_TRUCKS} trucks, a fix each 10 s, correlation 30 to 300 s", ""]
    lines += [f"| {' | '.join(_HEAD)} |", "|" + "--:|" * len(_HEAD)]
    for each in scores:
        cells = (
            f"{each.error_m:g}", f"{each.km:,.0f}", f"{each.right:.3f}", f"{each.stated_fixes:,}",
            f"{each.episodes}", f"{each.found}", f"{each.found / max(each.episodes, 1):.3f}", f"{each.false}",
            f"{each.false / each.km * 1000:.2f}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"

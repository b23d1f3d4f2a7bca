// Roads at their true width when zoomed in: as many lanes as there are, the designated one brighter.
const METRES_PER_DEGREE = 111320;

function offsetLine(points, metres) {
  const shrink = Math.cos((points[0][1] * Math.PI) / 180);
  const flat = points.map(([lon, lat]) => [lon * shrink * METRES_PER_DEGREE, lat * METRES_PER_DEGREE]);
  const normals = flat.slice(1).map(([x, y], n) => {
    const [dx, dy] = [x - flat[n][0], y - flat[n][1]];
    const length = Math.hypot(dx, dy) || 1;
    return [dy / length, -dx / length]; // to the right of the way
  });
  return flat.map(([x, y], n) => {
    const [before, after] = [normals[Math.max(0, n - 1)], normals[Math.min(n, normals.length - 1)]];
    const [nx, ny] = [before[0] + after[0], before[1] + after[1]];
    const stretch = Math.min(2, 2 / Math.max(0.5, nx * nx + ny * ny)) * metres;
    return [(y + ny * stretch) / METRES_PER_DEGREE, (x + nx * stretch) / shrink / METRES_PER_DEGREE];
  });
}

// Each direction's lanes count from the left of its own travel; on a road for both, traffic keeps right.
function carriageways(properties) {
  const width = properties.lane_count * properties.lane_width_m;
  if (properties.direction === "forward") return [{ start: -width / 2, sign: 1 }];
  if (properties.direction === "backward") return [{ start: -width / 2, sign: -1 }];
  return [
    { start: 0, sign: 1 },
    { start: 0, sign: -1 },
  ];
}

export function laneLines(coordinates, properties) {
  const { lane_count: count, lane_width_m: width, designated_lane: designated } = properties;
  const lanes = [];
  const edges = [];
  for (const { start, sign } of carriageways(properties)) {
    for (let lane = 1; lane <= count; lane++) {
      const middle = sign * (start + (lane - 0.5) * width);
      lanes.push({ points: offsetLine(coordinates, middle), designated: lane === designated });
    }
    for (let edge = 0; edge <= count; edge++) {
      const outer = edge === 0 || edge === count;
      edges.push({ points: offsetLine(coordinates, sign * (start + edge * width)), outer });
    }
  }
  return { lanes, edges };
}

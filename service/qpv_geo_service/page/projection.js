// Metres around a place, for drawing only: the server measures verdicts in the legal CRS of the territory.

/**
 * A plane around a place: x metres to the east, y metres to the south.
 *
 * Equirectangular, with the length of a degree on the WGS84 ellipsoid at the place: in France, off by less than a
 * thousandth within 8 km.
 */
export function planeAround(lon, lat) {
  const phi = (lat * Math.PI) / 180;
  const east = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi);
  const north = 111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
  return {
    toMetres: ([x, y]) => [(x - lon) * east, (lat - y) * north],
    toDegrees: ([x, y]) => [lon + x / east, lat - y / north],
  };
}

/** The rings of a GeoJSON polygon, multipolygon or collection, in metres. */
export function ringsOf(geometry, toMetres) {
  return polygonsOf(geometry)
    .flat()
    .map((ring) => ring.map(toMetres));
}

/** The SVG path of rings, to the decimetre. */
export function pathOf(rings) {
  return rings.map((ring) => `M${ring.map((at) => at.map((one) => one.toFixed(1)).join(" ")).join("L")}Z`).join("");
}

/** The lines of any GeoJSON geometry but points, in metres: rings of polygons, and lines. */
export function pathsOf(geometry, toMetres) {
  if (geometry?.type === "GeometryCollection") return geometry.geometries.flatMap((one) => pathsOf(one, toMetres));
  if (geometry?.type === "LineString") return [geometry.coordinates.map(toMetres)];
  if (geometry?.type === "MultiLineString") return geometry.coordinates.map((line) => line.map(toMetres));
  return ringsOf(geometry, toMetres);
}

/** The SVG path of lines that are not closed, to the decimetre. */
export function openPathOf(lines) {
  return pathOf(lines).replaceAll("Z", "");
}

/** The ring of a square around a point. */
export function squareAround({ x, y, reach }) {
  const [west, north, east, south] = [x - reach, y - reach, x + reach, y + reach];
  return [
    [west, north],
    [east, north],
    [east, south],
    [west, south],
    [west, north],
  ];
}

/** The largest of 1, 2, 5, 10, 20, 50… not above a length. */
export function roundBelow(length) {
  const power = 10 ** Math.floor(Math.log10(length));
  return [5, 2, 1].find((step) => step * power <= length) * power;
}

/** Whether any ring passes through a box `{x, y, across, down}`: its centre, half its width and half its height. */
export function crosses(rings, box) {
  return rings.some((ring) => ring.some((point, k) => k > 0 && lineCrosses(ring[k - 1], point, box)));
}

function polygonsOf(geometry) {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  if (geometry?.type === "GeometryCollection") return geometry.geometries.flatMap(polygonsOf);
  return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
}

function lineCrosses([x1, y1], [x2, y2], { x, y, across, down }) {
  let [enters, leaves] = [0, 1];
  for (const [from, to, half] of [
    [x1 - x, x2 - x, across],
    [y1 - y, y2 - y, down],
  ]) {
    if (from === to && Math.abs(from) >= half) return false;
    if (from === to) continue;
    const [one, other] = [(-half - from) / (to - from), (half - from) / (to - from)];
    enters = Math.max(enters, Math.min(one, other));
    leaves = Math.min(leaves, Math.max(one, other));
  }
  return enters < leaves;
}

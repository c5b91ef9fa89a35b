// Metres around a place, for drawing only: a verdict is measured by the server, in the legal system of the territory.

/**
 * A plane around a place: x metres to the east, y metres to the south.
 *
 * Equirectangular, with the lengths of a degree of the WGS84 ellipsoid there: off by less than a thousandth over the
 * few kilometres that a map shows.
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

/** The SVG path of a GeoJSON polygon or multipolygon, to the decimetre. */
export function pathOf(geometry, toMetres) {
  return polygonsOf(geometry)
    .flat()
    .map(
      (ring) =>
        `M${ring
          .map((at) =>
            toMetres(at)
              .map((one) => one.toFixed(1))
              .join(" "),
          )
          .join("L")}Z`,
    )
    .join("");
}

/** The largest of 1, 2, 5, 10, 20, 50… that is not more than a length. */
export function roundBelow(length) {
  const power = 10 ** Math.floor(Math.log10(length));
  return [5, 2, 1].find((step) => step * power <= length) * power;
}

function polygonsOf(geometry) {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
}

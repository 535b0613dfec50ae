/** The end of a window by its start, for starts that rise from call to call: one walk along the edges per series. */
export function windowEnds(edges: Float64Array): (start: number) => number {
  let index = 0;
  return (start) => {
    while (edges[index]! < start) index += 1;
    return edges[index + 1]!;
  };
}

/** Bytes that a row needs besides its body: the record's header, its numbers, and the cell that holds it. */
const RECORD_BYTES = 18;
const CELL_BYTES = 9;

/**
 * Bytes of the state file that a row with a body of `bodyBytes` takes: whole overflow pages, and a share of a leaf page
 * (SQLite file format, section 1.6). Small rows share a page; one above half a page has its own.
 */
export function diskBytes(bodyBytes: number, pageBytes: number): number {
  const record = bodyBytes + RECORD_BYTES;
  const mostLocal = pageBytes - 35;
  const overflowPage = pageBytes - 4;
  let local = record;
  if (record > mostLocal) {
    const leastLocal = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
    const rest = leastLocal + ((record - leastLocal) % overflowPage);
    local = rest <= mostLocal ? rest : leastLocal;
  }
  const overflowPages = Math.ceil((record - local) / overflowPage);
  const rowsPerLeaf = Math.max(1, Math.floor((pageBytes - 8) / (local + CELL_BYTES)));
  return overflowPages * pageBytes + Math.ceil(pageBytes / rowsPerLeaf);
}

/** Bounds of a file of statistics. The service refuses a larger one, before or while it reads it. */
export const UPLOAD_BOUNDS = {
  /** Bytes as they are sent. */
  fileBytes: 10 * 1024 * 1024,
  /** Bytes of all parts of an XLSX file, unpacked. */
  unpackedBytes: 100 * 1024 * 1024,
  /** Bytes of any part but the sheets: texts and styles are read into a tree that takes many times as much. */
  treeBytes: 8 * 1024 * 1024,
  /** Parts of an XLSX file. */
  parts: 1_000,
  /** Rows of one sheet and of all sheets together, headers among them. */
  rows: 10_000,
  columns: 64,
  /** Cells of one sheet, those that only have a format among them. */
  cells: 300_000,
  /** Sheets of one workbook, and merged cells of one sheet. */
  sheets: 200,
  merges: 10_000,
  /** Characters of one cell. */
  text: 1_000,
  /** Milliseconds that reading may take. */
  readMs: 15_000,
  /** MiB of JavaScript that reading may take. */
  heapMiB: 512,
  /** Files that the service reads at once; others wait. */
  atOnce: 2,
  /** Files that may wait. */
  waiting: 6,
  /** Mistakes that one answer names; the rest is counted. */
  mistakes: 1_000,
} as const;

/** The lake's own files contradict each other: nothing is changed, somebody has to look. */
export class LakeDamaged extends Error {
  override readonly name = 'LakeDamaged';
}

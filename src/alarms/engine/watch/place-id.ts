/** Id of a place: its park and a hash of its name (FNV-1a, 64 bits), for names are free text and ids go into topics. */
export function placeId(park: string, place: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(place)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `${park}-${hash.toString(16).padStart(16, '0')}`;
}

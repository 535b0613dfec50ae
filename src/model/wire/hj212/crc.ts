const POLYNOMIAL = 0xa001;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let register = byte;
  for (let bit = 0; bit < 8; bit += 1) register = (register & 1) === 0 ? register >> 1 : (register >> 1) ^ POLYNOMIAL;
  return register;
});

/**
 * CRC of a data segment, HJ 212-2017 appendix A. Not CRC-16/MODBUS: each step throws the register's low byte away, so
 * that only 256 results exist and one corrupted packet in 256 passes. Its fields must be checked too.
 */
export function crcOf(bytes: Uint8Array): number {
  let register = 0xffff;
  for (let at = 0; at < bytes.length; at += 1) register = TABLE[(register >> 8) ^ bytes[at]!]!;
  return register;
}

/** Four upper-case hexadecimal digits, high byte first. */
export function printCrc(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

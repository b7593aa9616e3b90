/** IEEE binary16 to numbers: every one of the 65,536 values once, in a table made on first use. */

let table: Float32Array | undefined;

function makeTable(): Float32Array {
  const bits = new Uint32Array(65536);
  const floats = new Float32Array(bits.buffer);
  for (let half = 0; half < 65536; half++) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 0) {
      // Zero and subnormals; the sign is written as a bit so that -0 stays -0.
      floats[half] = mantissa * 2 ** -24;
      bits[half] = (bits[half] | sign) >>> 0;
    } else {
      const wide = exponent === 31 ? 255 : exponent + 112;
      bits[half] = (sign | (wide << 23) | (mantissa << 13)) >>> 0;
    }
  }
  return floats;
}

/** The number that 16 bits stand for. */
export function halfToNumber(half: number): number {
  table ??= makeTable();
  return table[half];
}

/** Converts `raw` into `target`, which has at least as many elements. */
export function convertHalf(raw: Uint16Array, target: Float32Array): Float32Array {
  table ??= makeTable();
  for (let i = 0; i < raw.length; i++) target[i] = table[raw[i]];
  return target;
}

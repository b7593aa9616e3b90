/** float32 to IEEE binary16, for numbers that came from one: nothing is rounded. */

/** The 16 bits of each number; NaN keeps what fits of its bits. */
export function toHalves(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < halves.length; i++) {
    const word = bits[i] as number;
    const sign = (word >>> 16) & 0x8000;
    const exponent = (word >>> 23) & 255;
    const mantissa = word & 0x7fffff;
    if (exponent === 255) halves[i] = sign | 0x7c00 | (mantissa >>> 13);
    else if (exponent >= 113) halves[i] = sign | ((exponent - 112) << 10) | (mantissa >>> 13);
    else if (exponent > 0) halves[i] = sign | ((mantissa | 0x800000) >>> (126 - exponent));
    else halves[i] = sign;
  }
  return halves;
}

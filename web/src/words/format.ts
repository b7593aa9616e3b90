/** Numbers, sizes and shapes as people read them. Pure. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const minus = "\u2212";

/** `12345` → `12,345`. */
export function formatCount(count: number | bigint): string {
  return grouped.format(count).replace("-", minus);
}

/** `1 tensor`, `2 tensors`: a count with its noun. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Bytes in units of 1,024 with three significant digits: `36.8 KB`; below one KB exact: `17 bytes`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return plural(bytes, "byte");
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes / 1024;
  let unit = 0;
  // 999.5 and more would be written with four digits.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits).replace(/\.0+$/, "")} ${units[unit]}`;
}

/** The exact number, for hovering: `37,632 bytes`. */
export function exactBytes(bytes: number): string {
  return plural(bytes, "byte");
}

/**
 * A value of a file in at most `digits` significant digits; whole numbers below 10¹⁵ stay exact.
 * `null` is what has no value, such as the mean of nothing.
 */
export function formatValue(value: number | bigint | null, digits = 6): string {
  if (value === null) return "–";
  if (typeof value === "bigint") return formatCount(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : `${minus}Inf`;
  if (Number.isInteger(value) && Math.abs(value) < 1e15)
    return formatCount(value === 0 ? 0 : value);
  return plainNumber(value, digits).replace(/-/g, minus);
}

function plainNumber(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) {
    const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
    return `${trimZeros(mantissa)}e${exponent.replace("+", "")}`;
  }
  return trimZeros(value.toPrecision(digits));
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A share of a whole: `12.5 %`; what is not zero is never shown as zero. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "0 %";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  if (percent < 100 && percent > 99.99) return "> 99.99 %";
  return `${trimZeros(percent.toFixed(percent < 1 ? 2 : 1))} %`;
}

/** `[64, 3, 7, 7]` → `64×3×7×7`. */
export function formatShape(shape: readonly number[]): string {
  return shape.join("×");
}

/** Keeps the head and the tail of a text that is too long for one line. */
export function elideMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (limit - 1 - head))}`;
}

/** What an error says, for a sentence where the content would be. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

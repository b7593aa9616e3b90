/** Numbers as people read them, and as programs do. */

const units = ["B", "KB", "MB", "GB", "TB", "PB"];

/** Bytes in units of 1024: `256 B`, `6.8 KB`, `528 MB`. */
export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toPrecision(2)} ${units[unit]}`;
}

/** `138,357,544`, without the language data that `toLocaleString` loads. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** Five significant digits for a person; nothing where there is no value. */
export function short(value: number | bigint | null): string {
  if (value === null) return "";
  if (typeof value === "bigint" || Number.isInteger(value)) {
    const text = String(value);
    return text.length <= 9 ? text : Number(value).toPrecision(5);
  }
  return String(Number(value.toPrecision(5)));
}

/** `1 layer`, `16 layers` */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

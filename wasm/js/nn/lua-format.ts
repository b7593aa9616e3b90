/** Numbers as Lua prints them. */

import type { NnValue } from "./values.js";

const special = (value: number): string | null => {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return null;
  return value > 0 ? "inf" : "-inf";
};

/** `%.<digits>g` */
export function general(value: number, digits: number): string {
  const word = special(value);
  if (word !== null) return word;
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent >= -4 && exponent < digits) {
    const text = value.toFixed(digits - 1 - exponent);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }
  const [mantissa = "", power = ""] = value.toExponential(digits - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const sign = power.startsWith("-") ? "-" : "+";
  return `${short}e${sign}${power.replace(/^[+-]/, "").padStart(2, "0")}`;
}

/** `%.<digits>f` */
export const fixed = (value: number, digits = 6): string => special(value) ?? value.toFixed(digits);

/** `%d` truncates. */
export const whole = (value: number): string => special(value) ?? String(Math.trunc(value) + 0);

/** What `..` makes of a value, or what `tostring` does. */
export function plain(value: NnValue): string {
  if (typeof value === "number") return general(value, 14);
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  return "nil";
}

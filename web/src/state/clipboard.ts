/** Copying text, also where the page is not served securely. */

/** False where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  // Absent on an insecure page: the way of before is still there.
  if (navigator.clipboard === undefined) return copyThroughField(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copyThroughField(text),
  );
}

function copyThroughField(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/** Makes the browser save a file. */
export function saveFile(name: string, parts: readonly DataView[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts as DataView<ArrayBuffer>[]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

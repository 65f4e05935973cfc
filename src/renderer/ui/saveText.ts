/** Hands a text to the person as a file, the way a browser does; the host asks where it goes. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has its own hold on the bytes by the next turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

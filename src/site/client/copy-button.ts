const SHOWN_MS = 2000;

/** Gives each block of code a button that copies it. Without a clipboard (no https) there is none. */
export function offerToCopy(blocks: Iterable<HTMLElement>): void {
  if (!('clipboard' in navigator)) return;
  for (const block of blocks) {
    const code = block.querySelector('code');
    if (code === null) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', () => void copy(code.textContent, button));
    block.append(button);
  }
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? 'Copied' : 'Not copied';
  setTimeout(() => (button.textContent = 'Copy'), SHOWN_MS);
}

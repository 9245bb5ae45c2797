import { createRoot, type Root } from 'react-dom/client';
import { MyKeys } from './my-keys.tsx';
import { myKeysStyles } from './my-keys-styles.ts';
import { PortalAccess, type FetchToken } from './portal-access.ts';

/** Where this script came from, if a page loads it as a classic script. */
const scriptOrigin =
  document.currentScript instanceof HTMLScriptElement ? new URL(document.currentScript.src).origin : null;

/**
 * `<keytide-keys gateway="https://keys.example">`: the keys of the customer who is signed in to the page around it. The token of
 * the customer’s portal session is set as a property, never as an attribute: `token`, or `fetchToken`, a function that gets one
 * from the page’s backend, at first and before each one ends. Without either, a one-time code in the fragment of the address is
 * exchanged; with the attribute `by-link` nothing else is waited for. When there is no way to go on, the element sends the event `keytide-end`, whose `detail.reason` says why.
 */
class KeytideKeysElement extends HTMLElement {
  static readonly observedAttributes = ['gateway'];
  #token: string | null = null;
  #fetchToken: FetchToken | null = null;
  #access: PortalAccess | null = null;
  #root: Root | null = null;

  constructor() {
    super();
    // What the page has set before this script was loaded would hide the accessors.
    for (const name of ['token', 'fetchToken'] as const) {
      const value: unknown = Object.getOwnPropertyDescriptor(this, name)?.value;
      if (value === undefined) continue;
      delete (this as { token?: unknown; fetchToken?: unknown })[name];
      Object.assign(this, { [name]: value });
    }
  }

  /** Null at each read: a script that finds the element finds no token. Setting null ends what is shown. */
  get token(): null {
    return null;
  }

  set token(token: string | null) {
    this.#token = token;
    if (token !== null) this.#access?.setToken(token);
    else if (this.#root !== null) this.#restart();
  }

  get fetchToken(): FetchToken | null {
    return this.#fetchToken;
  }

  set fetchToken(fetchToken: FetchToken | null) {
    this.#fetchToken = fetchToken;
    if (fetchToken !== null) this.#access?.setFetchToken(fetchToken);
  }

  connectedCallback(): void {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    // Another document has taken them away.
    if (this.ownerDocument.defaultView !== null) shadow.adoptedStyleSheets = [myKeysStyles(this.ownerDocument)];
    if (this.#root === null) this.#start(shadow);
  }

  disconnectedCallback(): void {
    // A page that moves the element removes it and adds it again: its session and its dialogs stay.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.#root === null || before === after) return;
    this.#restart();
  }

  #restart(): void {
    this.#stop();
    if (this.shadowRoot !== null) this.#start(this.shadowRoot);
  }

  #start(shadow: ShadowRoot): void {
    const gateway = this.getAttribute('gateway') ?? scriptOrigin ?? window.location.origin;
    const access = new PortalAccess({
      gateway: gateway.replace(/\/+$/, ''),
      token: this.#token,
      fetchToken: this.#fetchToken,
      isByLink: this.hasAttribute('by-link'),
      onEnd: (reason) => {
        this.#token = null;
        this.dispatchEvent(new CustomEvent('keytide-end', { detail: { reason } }));
      },
    });
    this.#access = access;
    this.#root = createRoot(shadow);
    this.#root.render(<MyKeys access={access} />);
    access.start();
  }

  #stop(): void {
    this.#access?.stop();
    this.#root?.unmount();
    this.#access = null;
    this.#root = null;
  }
}

// A page may load the script twice.
if (customElements.get('keytide-keys') === undefined) customElements.define('keytide-keys', KeytideKeysElement);

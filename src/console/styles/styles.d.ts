/** The build writes the styles to a file of their own. */
declare module '*.css';

/** The styles as text, for the shadow root of an element. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

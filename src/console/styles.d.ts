/** The build writes the styles to a file of their own. */
declare module '*.css';
